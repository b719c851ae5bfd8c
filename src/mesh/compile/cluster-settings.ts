/** What the traffic policies of a DestinationRule mean for one cluster (istio.md §5). */

import type { TrafficPolicySpec } from '../schema/destination-rule.ts';
import { durationMsOf } from '../schema/duration.ts';
import type { Cluster, HashPolicy, OutlierPolicy, Warmup } from '../table/route-table.ts';
import { connectionSettings, limitsOf } from './connection-pool.ts';

/** Envoy's defaults where Istio says nothing. */
const OUTLIER_DEFAULTS = {
  consecutive5xx: 5,
  consecutiveLocal: 5,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  ejectedPercentMost: 10,
};

export type ClusterSettings = Omit<Cluster, 'name' | 'service'>;

/** The settings of a cluster: a block of the subset replaces the same block of the rule. */
export function clusterSettings(policies: readonly (TrafficPolicySpec | undefined)[], port: number): ClusterSettings {
  const levels = policies.map((policy) => atPort(policy, port));
  const pool = levels.find((level) => level?.connectionPool)?.connectionPool;
  const loadBalancer = loadBalancerOf(policies, port);
  const detection = levels.find((level) => level?.outlierDetection)?.outlierDetection;
  const hash = compileHash(loadBalancer?.consistentHash);
  const simple = loadBalancer?.simple;
  return {
    ...connectionSettings(pool),
    loadBalancer: simple === 'ROUND_ROBIN' || simple === 'RANDOM' ? simple : 'LEAST_REQUEST',
    ...warmupOf(loadBalancer),
    ...(hash && { hash }),
    ...(detection && { outliers: compileOutliers(detection) }),
    // What an entry for a port cannot say holds for all ports.
    ...limitsOf(pool, policies.find((policy) => policy?.retryBudget)?.retryBudget),
  };
}

/** The block that says how requests are balanced. */
export function loadBalancerOf(
  policies: readonly (TrafficPolicySpec | undefined)[],
  port: number,
): TrafficPolicySpec['loadBalancer'] {
  return policies.map((policy) => atPort(policy, port)).find((level) => level?.loadBalancer)?.loadBalancer;
}

// An entry for the port replaces the whole level: blocks it does not have fall back to defaults.
function atPort(policy: TrafficPolicySpec | undefined, port: number) {
  return policy?.portLevelSettings?.find((entry) => entry.port.number === port) ?? policy;
}

function warmupOf(spec: TrafficPolicySpec['loadBalancer']): { warmup?: Warmup } {
  const { warmup, warmupDurationSecs } = spec ?? {};
  const duration = warmup?.duration ?? warmupDurationSecs;
  if (duration === undefined) return {};
  const { minimumPercent = 10, aggression = 1 } = warmup ?? {};
  return { warmup: { durationMs: durationMsOf(duration), leastShare: minimumPercent / 100, aggression } };
}

type HashSpec = NonNullable<NonNullable<TrafficPolicySpec['loadBalancer']>['consistentHash']>;

function compileHash(spec: HashSpec | undefined): HashPolicy | undefined {
  if (spec?.httpHeaderName !== undefined) return { kind: 'header', name: spec.httpHeaderName.toLowerCase() };
  if (spec?.httpQueryParameterName !== undefined) return { kind: 'query', name: spec.httpQueryParameterName };
  if (spec?.useSourceIp === true) return { kind: 'sourceIp' };
  if (spec?.httpCookie === undefined) return undefined;
  const { name, ttl, path = '', attributes = [] } = spec.httpCookie;
  if (ttl === undefined) return { kind: 'cookie', name };
  const seconds = Math.floor(durationMsOf(ttl) / 1_000);
  const parts = [
    ...(seconds > 0 ? [`Max-Age=${seconds}`] : []),
    ...(path === '' ? [] : [`Path=${path}`]),
    ...attributes.map((attribute) => (attribute.value ? `${attribute.name}=${attribute.value}` : attribute.name)),
    'HttpOnly',
  ];
  return { kind: 'cookie', name, attributes: parts.map((part) => `; ${part}`).join('') };
}

type OutlierSpec = NonNullable<TrafficPolicySpec['outlierDetection']>;

function compileOutliers(spec: OutlierSpec): OutlierPolicy {
  const { consecutiveErrors, consecutive5xxErrors, consecutiveGatewayErrors, baseEjectionTime, interval } = spec;
  const { splitExternalLocalOriginErrors, consecutiveLocalOriginFailures, outlierDetectionHttpErrorCodes } = spec;
  return {
    consecutive5xx: consecutive5xxErrors ?? OUTLIER_DEFAULTS.consecutive5xx,
    // Before Istio 1.6 `consecutiveErrors` counted what is called gateway errors today.
    consecutiveGateway: consecutiveGatewayErrors ?? consecutiveErrors ?? 0,
    ...(splitExternalLocalOriginErrors === true && {
      consecutiveLocal: consecutiveLocalOriginFailures ?? OUTLIER_DEFAULTS.consecutiveLocal,
    }),
    ...(outlierDetectionHttpErrorCodes !== undefined &&
      outlierDetectionHttpErrorCodes.length > 0 && { errorCodes: outlierDetectionHttpErrorCodes }),
    baseEjectionMs: baseEjectionTime === undefined ? OUTLIER_DEFAULTS.baseEjectionMs : durationMsOf(baseEjectionTime),
    intervalMs: interval === undefined ? OUTLIER_DEFAULTS.intervalMs : durationMsOf(interval),
    ejectedPercentMost: spec.maxEjectionPercent ?? OUTLIER_DEFAULTS.ejectedPercentMost,
    healthyPercentLeast: spec.minHealthPercent ?? 0,
  };
}
