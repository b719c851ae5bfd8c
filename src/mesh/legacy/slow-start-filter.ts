/** An EnvoyFilter that asks for slow start of clusters, which a DestinationRule says as `warmup` today (istio.md 1.6). */

import type { KubeObject } from '../../lib/resource.ts';
import { type DestinationRule, destinationRuleSpecSchema, type TrafficPolicySpec } from '../schema/destination-rule.ts';
import type { IstioMeta } from '../schema/envelope.ts';
import { qualifyHost } from '../schema/host-name.ts';
import { entriesOf, type Fields, fieldsOf } from './legacy-finding.ts';

type Warmup = NonNullable<NonNullable<TrafficPolicySpec['loadBalancer']>['warmup']>;

/** A DestinationRule that says the same; `undefined` when the filter asks for anything else. */
export function slowStartRule(filter: KubeObject, metadata: IstioMeta): DestinationRule | undefined {
  const patches = entriesOf(fieldsOf(filter.spec)?.configPatches);
  const [patch, ...more] = patches.map(({ fields }) => fields);
  if (patch === undefined || more.length > 0 || patch.applyTo !== 'CLUSTER') return undefined;
  const value = fieldsOf(fieldsOf(patch.patch)?.value);
  const slowStart = fieldsOf(value?.slow_start_config);
  if (slowStart === undefined || Object.keys(value ?? {}).length > 1) return undefined;
  const warmup = { duration: slowStart.slow_start_window, aggression: aggressionOf(slowStart.aggression) };
  const spec = { host: hostOf(patch), trafficPolicy: { loadBalancer: { warmup } } };
  const parsed = destinationRuleSpecSchema.safeParse(spec);
  return parsed.success ? { metadata, spec: parsed.data } : undefined;
}

function aggressionOf(written: unknown): number {
  const value = Number(fieldsOf(written)?.default_value ?? written ?? 1);
  return Number.isFinite(value) && value > 0 ? value : 1;
}

function hostOf(patch: Fields): string {
  const cluster = fieldsOf(fieldsOf(patch.match)?.cluster);
  if (typeof cluster?.service === 'string') return cluster.service;
  return typeof cluster?.name === 'string' ? (cluster.name.split('|')[3] ?? '*') : '*';
}

/** Gives each rule for a host the warm-up that a filter asks for; hosts without a rule get one. */
export function joinSlowStart(
  rules: readonly DestinationRule[],
  filters: readonly DestinationRule[],
): DestinationRule[] {
  const joined = rules.map((rule) => {
    const filter = filters.find((each) => each.spec.host === '*' || hostName(each) === hostName(rule));
    const warmup = filter?.spec.trafficPolicy?.loadBalancer?.warmup;
    return warmup === undefined ? rule : withWarmup(rule, warmup);
  });
  const ruled = new Set(rules.map(hostName));
  return [...joined, ...filters.filter((filter) => !ruled.has(hostName(filter)))];
}

function hostName({ metadata, spec }: DestinationRule): string {
  return qualifyHost(spec.host, metadata.namespace);
}

function withWarmup(rule: DestinationRule, warmup: Warmup): DestinationRule {
  const { trafficPolicy } = rule.spec;
  const loadBalancer = { warmup, ...trafficPolicy?.loadBalancer };
  return { ...rule, spec: { ...rule.spec, trafficPolicy: { ...trafficPolicy, loadBalancer } } };
}
