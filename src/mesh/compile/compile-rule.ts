/** What one http rule does with the requests that one of its match entries takes. */

import { durationMsOf } from '../schema/duration.ts';
import { qualifyWritten } from '../schema/host-name.ts';
import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { DestinationSpec, HttpRouteSpec, RetriesSpec } from '../schema/http-route.ts';
import type { Mirror, Route, RouteAction, WeightedCluster } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { compileCors } from './compile-cors.ts';
import { compileFault } from './compile-fault.ts';
import { compileRetries } from './compile-retries.ts';
import { compileRedirect, compileRewrite, wireText } from './compile-rewrite.ts';
import { compileHeaders } from './header-operations.ts';
import type { Report } from './table-issue.ts';

/** Where a rule stands, and what it can refer to. */
export type RuleSite = {
  path: string;
  /** Of the VirtualService: completes short host names. */
  namespace: string;
  /** On which the requests come. */
  port: number;
  /** Port of a destination that names none. */
  portOf: (host: string) => number;
  hasCluster: (cluster: string) => boolean;
  /** For rules to a host (in full) that say nothing about retries. */
  retriesTo: (host: string) => RetriesSpec | undefined;
  report: Report;
};

/** Everything of a route but its name and match. `undefined`: the rule does nothing and is left out. */
export function compileRule(
  rule: HttpRouteSpec,
  match: HttpMatchSpec,
  site: RuleSite,
): Omit<Route, 'name' | 'match'> | undefined {
  const action = compileAction(rule, match, site);
  if (action === undefined) return undefined;
  const only = rule.route?.length === 1 ? rule.route[0]?.headers : undefined;
  const requestHeaders = compileHeaders([rule.headers, only], 'request', { removesFirst: true });
  const responseHeaders = compileHeaders([rule.headers, only], 'response', { removesFirst: true });
  return {
    action,
    ...(action.kind === 'forward' && forwardSettings(rule, match, site)),
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
  };
}

// Envoy gives rewrites, faults, time limits and CORS to forwarded requests only.
function forwardSettings(rule: HttpRouteSpec, match: HttpMatchSpec, site: RuleSite): Partial<Route> {
  const host = qualifyWritten(rule.route?.[0]?.destination.host ?? '', site.namespace);
  const rewrite = compileRewrite(rule.rewrite, match);
  const authority = rule.rewrite?.authority ?? '';
  const fault = compileFault(rule.fault);
  const cors = compileCors(rule.corsPolicy);
  return {
    ...(rewrite && { rewrite }),
    ...(authority !== '' && { authority: wireText(authority) }),
    ...(fault && { fault }),
    ...(cors && { cors }),
    ...(rule.timeout !== undefined && { timeoutMs: durationMsOf(rule.timeout) }),
    retry: compileRetries(rule.retries ?? site.retriesTo(host)),
  };
}

function compileAction(rule: HttpRouteSpec, match: HttpMatchSpec, site: RuleSite): RouteAction | undefined {
  if (rule.directResponse !== undefined) {
    const { string, bytes = '' } = rule.directResponse.body ?? {};
    const body = string ?? Buffer.from(bytes, 'base64').toString('utf8');
    return { kind: 'directResponse', status: rule.directResponse.status, body };
  }
  if (rule.redirect !== undefined) {
    return { kind: 'redirect', ...compileRedirect(rule.redirect, { match, port: site.port }) };
  }
  if (rule.route === undefined) return undefined;
  return { kind: 'forward', clusters: compileDestinations(rule, site), mirrors: compileMirrors(rule, site) };
}

// One destination gets everything whatever its weight; of several those without weight get nothing.
function compileDestinations(rule: HttpRouteSpec, site: RuleSite): WeightedCluster[] {
  const route = rule.route ?? [];
  return route
    .map(({ destination, weight = 0, headers }, index) => ({
      cluster: resolveCluster(destination, `${site.path}.route[${index}].destination`, site),
      weight: route.length === 1 ? 100 : weight,
      ...(route.length > 1 && headers !== undefined && destinationHeaders(headers, rule.headers)),
    }))
    .filter(({ weight }) => weight > 0);
}

// Of several destinations each acts before the rule, so that the rule wins (envoy-facts, ho-route-and-destination).
function destinationHeaders(own: HttpRouteSpec['headers'], ofRule: HttpRouteSpec['headers']): Partial<WeightedCluster> {
  const requestHeaders = compileHeaders([own, ofRule], 'request', { removesFirst: false });
  const responseHeaders = compileHeaders([own, ofRule], 'response', { removesFirst: false });
  return { ...(requestHeaders && { requestHeaders }), ...(responseHeaders && { responseHeaders }) };
}

function resolveCluster({ host, subset = '', port }: DestinationSpec, path: string, site: RuleSite): string {
  const fullHost = qualifyWritten(host, site.namespace);
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
