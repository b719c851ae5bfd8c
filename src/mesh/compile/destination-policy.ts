/** Which DestinationRule speaks about a service, and what it says for a port and subset (istio.md §4). */

import { isSameList } from '../../lib/memo.ts';
import type { Ordering } from '../../lib/ordering.ts';
import { perObject } from '../../lib/per-object.ts';
import type {
  DestinationRule,
  DestinationRuleSpec,
  LocalitySpec,
  TrafficPolicySpec,
} from '../schema/destination-rule.ts';
import { bySpecificity, coversHost, qualifyWritten } from '../schema/host-name.ts';
import type { Caller, MeshService } from './mesh-input.ts';
import type { Report } from './table-issue.ts';
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
  { caller, rootNamespace, byAge, merged }: PolicySite,
): (service: MeshService) => DestinationPolicy {
  const ofCaller = byAge.sort(rules.filter((rule) => speaksTo(rule, caller)));
  // What is said to callers with these labels comes before what is said to all.
  const isForAll = ({ spec }: DestinationRule) => Number(spec.workloadSelector === undefined);
  const selectable = ofCaller.toSorted((a, b) => isForAll(a) - isForAll(b));
  const exact = Map.groupBy(selectable, (rule) => `${rule.metadata.namespace}/${hostOf(rule)}`);
  const wildcards = selectable
    .filter((rule) => hostOf(rule).startsWith('*'))
    .sort((a, b) => bySpecificity(hostOf(a), hostOf(b)));

  return (service) => {
    if (selectable.length === 0) return NO_POLICY;
    for (const namespace of new Set([caller.namespace ?? service.namespace, service.namespace, rootNamespace])) {
      const wide = wildcards.find(
        (rule) => rule.metadata.namespace === namespace && coversHost(hostOf(rule), service.host),
      );
      const best = exact.get(`${namespace}/${service.host}`) ?? (wide && exact.get(`${namespace}/${hostOf(wide)}`));
      if (best !== undefined) return merged.of(best);
    }
    return NO_POLICY;
  };
}

export type PolicySite = {
  caller: Caller;
  rootNamespace: string;
  byAge: Ordering<DestinationRule>;
  merged: MergedRules;
};

const NO_POLICY: DestinationPolicy = { names: [], trafficPolicy: undefined, subsets: [] };

const hostOf = perObject(({ metadata, spec }: DestinationRule) => qualifyWritten(spec.host, metadata.namespace));

// A rule with a selector exists for the callers of its namespace that carry the labels.
function speaksTo(rule: DestinationRule, caller: Caller): boolean {
  if (!isVisibleIn(rule, caller.namespace)) return false;
  const { workloadSelector } = rule.spec;
  if (workloadSelector === undefined) return true;
  const { matchLabels = {} } = workloadSelector as { matchLabels?: Record<string, string> };
  const isHere = caller.namespace !== undefined && rule.metadata.namespace === caller.namespace;
  return isHere && Object.entries(matchLabels).every(([name, value]) => caller.labels?.[name] === value);
}

/** What rules say together, found out once for the same ones. */
export class MergedRules {
  readonly #known = new WeakMap<DestinationRule, { rules: readonly DestinationRule[]; policy: DestinationPolicy }>();

  of(rules: readonly DestinationRule[]): DestinationPolicy {
    const [oldest] = rules;
    if (oldest === undefined) return NO_POLICY;
    const known = this.#known.get(oldest);
    if (known !== undefined && isSameList(known.rules, rules)) return known.policy;
    const policy = mergeRules(rules);
    this.#known.set(oldest, { rules, policy });
    return policy;
  }
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
