/** What one http rule does with the requests it takes: destinations, mirrors, time limits, retries, header operations. */

import { durationMsOf } from '../schema/duration.ts';
import { qualifyHost } from '../schema/host-name.ts';
import type { DestinationSpec, HttpRouteSpec } from '../schema/http-route.ts';
import type { Mirror, RetryPolicy, Route, RouteAction, WeightedCluster } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { compileHeaders } from './header-operations.ts';
import type { Report } from './table-issue.ts';

/** Where a rule stands, and what it can refer to. */
export type RuleSite = {
  path: string;
  /** Of the VirtualService: completes short host names. */
  namespace: string;
  /** Port of a destination that names none. */
  portOf: (host: string) => number;
  hasCluster: (cluster: string) => boolean;
  report: Report;
};

/** Everything of a route but its name and match. `undefined`: the rule cannot be served and is left out. */
export function compileRule(rule: HttpRouteSpec, site: RuleSite): Omit<Route, 'name' | 'match'> | undefined {
  reportUnserved(rule, site);
  const action = compileAction(rule, site);
  if (action === undefined) return undefined;
  const levels = headerLevels(rule, site);
  const requestHeaders = compileHeaders(levels, 'request', site.report);
  const responseHeaders = compileHeaders(levels, 'response', site.report);
  return {
    action,
    ...(rule.timeout !== undefined && { timeoutMs: durationMsOf(rule.timeout) }),
    ...(action.kind === 'forward' && { retry: compileRetries(rule.retries) }),
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
  };
}

function compileAction(rule: HttpRouteSpec, site: RuleSite): RouteAction | undefined {
  if (rule.directResponse !== undefined) {
    const { string, bytes = '' } = rule.directResponse.body ?? {};
    const body = string ?? Buffer.from(bytes, 'base64').toString('utf8');
    return { kind: 'directResponse', status: rule.directResponse.status, body };
  }
  if (rule.redirect !== undefined) {
    return { kind: 'directResponse', status: 501, body: 'Redirects are not served by this proxy\n' };
  }
  if (rule.route === undefined) return undefined;
  return { kind: 'forward', clusters: compileDestinations(rule.route, site), mirrors: compileMirrors(rule, site) };
}

// One destination gets everything whatever its weight; of several those without weight get nothing.
function compileDestinations(route: NonNullable<HttpRouteSpec['route']>, site: RuleSite): WeightedCluster[] {
  return route
    .map(({ destination, weight = 0 }, index) => ({
      cluster: resolveCluster(destination, `${site.path}.route[${index}].destination`, site),
      weight: route.length === 1 ? 100 : weight,
    }))
    .filter(({ weight }) => weight > 0);
}

function resolveCluster({ host, subset = '', port }: DestinationSpec, path: string, site: RuleSite): string {
  const fullHost = qualifyHost(host, site.namespace);
  const name = clusterName({ host: fullHost, port: port?.number ?? site.portOf(fullHost), subset });
  if (!site.hasCluster(name)) {
    site.report('SL0303', path, `must be a service with this port and subset, else requests get 503: got ${name}`);
  }
  return name;
}

// Without a percentage every request is copied; an empty percentage is 0 (envoy-facts, mirror).
function compileMirrors(rule: HttpRouteSpec, site: RuleSite): Mirror[] {
  const { mirror, mirrors = [], mirrorPercentage } = rule;
  const legacyPercent = rule.mirrorPercent ?? rule.mirror_percent;
  const percentage = mirrorPercentage ?? (legacyPercent === undefined ? undefined : { value: legacyPercent });
  const single = mirror === undefined ? [] : [{ destination: mirror, percentage, path: `${site.path}.mirror` }];
  const several = mirrors.map((each, index) => ({
    destination: each.destination,
    percentage: each.percentage,
    path: `${site.path}.mirrors[${index}].destination`,
  }));
  return [...single, ...several]
    .map(({ destination, percentage, path }) => ({
      cluster: resolveCluster(destination, path, site),
      percent: percentage === undefined ? 100 : (percentage.value ?? 0),
    }))
    .filter(({ percent }) => percent > 0);
}

/** Istio's conditions when none are written; `retriable-status-codes` without a code retries none. */
const DEFAULT_RETRY_ON = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'];

/** Two retries when the rule says nothing, as in Istio. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 2, on: DEFAULT_RETRY_ON };

function compileRetries(retries: HttpRouteSpec['retries']): RetryPolicy {
  if (retries === undefined) return DEFAULT_RETRY;
  const { attempts = 0, perTryTimeout, retryOn = '' } = retries;
  if (attempts === 0) return { attempts: 0, on: [] };
  const on = retryOn.split(',').filter((condition) => condition !== '');
  return {
    attempts,
    ...(perTryTimeout !== undefined && { perTryTimeoutMs: durationMsOf(perTryTimeout) }),
    on: on.length === 0 ? DEFAULT_RETRY_ON : on,
  };
}

function headerLevels({ headers, route = [] }: HttpRouteSpec, { path, report }: RuleSite) {
  const rule = { headers, path: `${path}.headers` };
  const only = route.length === 1 ? route[0] : undefined;
  if (only !== undefined) return [rule, { headers: only.headers, path: `${path}.route[0].headers` }];
  for (const [index, destination] of route.entries()) {
    if (destination.headers !== undefined) {
      report('SL0302', `${path}.route[${index}].headers`, unserved('headers of one of several destinations'));
    }
  }
  return [rule];
}

function reportUnserved(rule: HttpRouteSpec, { path, report }: RuleSite): void {
  for (const field of ['redirect', 'delegate', 'rewrite', 'fault', 'corsPolicy'] as const) {
    if (rule[field] !== undefined) report('SL0302', `${path}.${field}`, unserved(field));
  }
  const { backoff, retryIgnorePreviousHosts, retryRemoteLocalities } = rule.retries ?? {};
  if (backoff !== undefined) report('SL0302', `${path}.retries.backoff`, unserved('backoff'));
  if (retryIgnorePreviousHosts === false || retryRemoteLocalities === true) {
    report('SL0302', `${path}.retries`, unserved('a choice of hosts for retries'));
  }
}

function unserved(field: string): string {
  return `must be something the bundled proxy serves: got ${field}, which is not in force here`;
}
