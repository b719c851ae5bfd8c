/** Which DestinationRule speaks about a service, and what it says for a port and subset (istio.md §4). */

import type {
  DestinationRule,
  DestinationRuleSpec,
  LocalitySpec,
  TrafficPolicySpec,
} from '../schema/destination-rule.ts';
import { bySpecificity, coversHost, qualifyHost } from '../schema/host-name.ts';
import { DEFAULT_MESH } from '../schema/mesh-config.ts';
import type { Caller, MeshService } from './mesh-input.ts';
import type { Report } from './table-issue.ts';
import { byAge } from './virtual-service-index.ts';
import { isVisibleIn } from './visibility.ts';

/** What all rules for one service say together. */
export type DestinationPolicy = {
  /** `namespace/name` of each, the oldest first. */
  names: readonly string[];
  trafficPolicy: TrafficPolicySpec | undefined;
  subsets: NonNullable<DestinationRuleSpec['subsets']>;
};

/**
 * For a service, the rules of the caller's namespace, else those of its own, else those of the root namespace; there, those with the most specific host. The
 * oldest traffic policy wins, and subsets are joined, the older definition of a name winning.
 */
export function destinationPolicies(
  rules: readonly DestinationRule[],
  caller: Caller = {},
  rootNamespace: string = DEFAULT_MESH.rootNamespace,
): (service: MeshService) => DestinationPolicy {
  const selectable = rules
    .filter((rule) => speaksTo(rule, caller))
    .toSorted(byAge)
    .map((rule) => ({ ...rule, host: qualifyHost(rule.spec.host, rule.metadata.namespace) }));
  const exact = Map.groupBy(selectable, ({ host, metadata }) => `${metadata.namespace}/${host}`);
  const wildcards = selectable.filter(({ host }) => host.startsWith('*')).sort((a, b) => bySpecificity(a.host, b.host));

  return (service) => {
    for (const namespace of new Set([caller.namespace ?? service.namespace, service.namespace, rootNamespace])) {
      const wide = wildcards.find(
        ({ host, metadata }) => metadata.namespace === namespace && coversHost(host, service.host),
      );
      const best = exact.get(`${namespace}/${service.host}`) ?? exact.get(`${namespace}/${wide?.host}`);
      if (best !== undefined) return mergeRules(best);
    }
    return { names: [], trafficPolicy: undefined, subsets: [] };
  };
}

// A rule with a selector exists for the callers of its namespace that carry the labels.
function speaksTo(rule: DestinationRule, caller: Caller): boolean {
  if (!isVisibleIn(rule, caller.namespace)) return false;
  const { workloadSelector } = rule.spec;
  if (workloadSelector === undefined) return true;
  const { matchLabels = {} } = workloadSelector as { matchLabels?: Record<string, string> };
  const isHere = caller.namespace !== undefined && rule.metadata.namespace === caller.namespace;
  return isHere && Object.entries(matchLabels).every(([name, value]) => caller.labels?.[name] === value);
}

function mergeRules(merged: readonly DestinationRule[]): DestinationPolicy {
  const rules = merged.map(({ spec }) => spec);
  const subsets = rules.flatMap((rule) => rule.subsets ?? []);
  return {
    names: merged.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`),
    trafficPolicy: rules.find(({ trafficPolicy }) => trafficPolicy !== undefined)?.trafficPolicy,
    subsets: subsets.filter(({ name }, index) => subsets.findIndex((other) => other.name === name) === index),
  };
}

function asksWhereCallerIs({ enabled, distribute = [], failover, failoverPriority }: LocalitySpec): boolean {
  if (enabled === false) return false;
  if (distribute.length > 0) return distribute.every(({ from }) => from !== '*');
  return failover !== undefined || failoverPriority === undefined;
}

/** Says which parts of a rule the bundled proxy does not enforce. */
export function reportUnservedPolicy(
  { spec }: DestinationRule,
  { report, caller }: { report: Report; caller: Caller },
): void {
  const policies = [
    { policy: spec.trafficPolicy, path: 'spec.trafficPolicy' },
    ...(spec.subsets ?? []).map(({ trafficPolicy }, index) => ({
      policy: trafficPolicy,
      path: `spec.subsets[${index}].trafficPolicy`,
    })),
  ];
  const unserved = (path: string) =>
    report('SL0302', path, 'must be something the bundled proxy serves: it is not in force here');
  // Whoever calls from anywhere has no labels to be selected by.
  if (spec.workloadSelector !== undefined && caller.namespace === undefined) unserved('spec.workloadSelector');
  for (const { policy, path } of policies) {
    if (policy === undefined) continue;
    for (const level of [policy, ...(policy.portLevelSettings ?? [])]) {
      const { localityLbSetting, simple } = level.loadBalancer ?? {};
      if (localityLbSetting !== undefined && asksWhereCallerIs(localityLbSetting) && caller.locality === undefined) {
        const message = 'must have a caller whose place is known: give --locality region/zone/subzone';
        report('SL0302', `${path}.loadBalancer.localityLbSetting`, message);
      }
      if (simple === 'PASSTHROUGH') {
        const message =
          'must not be PASSTHROUGH: no address is taken from a request, so that each is answered with 503';
        report('SL0302', `${path}.loadBalancer.simple`, message);
      }
      const { probes, interval } = level.connectionPool?.tcp?.tcpKeepalive ?? {};
      // Node sets the time before the first probe only.
      if (probes ?? interval) unserved(`${path}.connectionPool.tcp.tcpKeepalive`);
      const { h2UpgradePolicy, useClientProtocol, maxConcurrentStreams, http2KeepAlive } =
        level.connectionPool?.http ?? {};
      if (h2UpgradePolicy === 'UPGRADE') unserved(`${path}.connectionPool.http.h2UpgradePolicy`);
      if (useClientProtocol ?? maxConcurrentStreams ?? http2KeepAlive) unserved(`${path}.connectionPool.http`);
      if (level.tls !== undefined) unserved(`${path}.tls`);
    }
    for (const block of ['tunnel', 'proxyProtocol'] as const) {
      if (policy[block] !== undefined) unserved(`${path}.${block}`);
    }
  }
}
