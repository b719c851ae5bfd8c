/**
 * A Canary that Flagger has worked on until now: it has a primary and a status, but no record of ours, and Flagger's hashes cannot be
 * computed again (flagger.md 3.1). What the primary runs is what was promoted; nothing is rolled out that Flagger knew already.
 */

import type { CanaryPhase } from '../canary/canary.schema.ts';
import { type RolloutSnapshot, rolloutMachine } from '../canary/rollout.machine.ts';
import { EMPTY_CONTEXT } from '../canary/rollout-context.ts';
import type { Candidate, RolloutState } from '../canary/rollout-record.ts';
import { canonicalJson, shortHash } from '../lib/canonical-json.ts';
import { candidateOf, type World } from './gather.ts';
import { configChecksums, withoutPrimaryConfigs, withPrimaryConfigs } from './tracked-configs.ts';
import type { Deployment, PodTemplate } from './workload.ts';

/** A run that Flagger has begun cannot be continued: its revision is analysed again, from the start. */
const STATES: Partial<Record<CanaryPhase, RolloutState>> = {
  Initialized: 'initialized',
  Waiting: 'initialized',
  Progressing: 'initialized',
  WaitingPromotion: 'initialized',
  Succeeded: 'succeeded',
  Failed: 'rolledBack',
};

/** @returns `undefined` for a Canary that has a record, or nothing to adopt */
export function adoptedRollout(world: World): RolloutSnapshot | undefined {
  const { canary, target, primary, label, lookup, observed } = world;
  const { status } = canary;
  const state = STATES[(status?.phase ?? '') as CanaryPhase];
  if (status?.rollout !== undefined || state === undefined) return undefined;
  if (target === undefined || primary === undefined || label === undefined) return undefined;
  const current = candidateOf(target, lookup);
  const promoted = runsAlready(primary, current, { target, label }) ? current : candidateOfPrimary(primary, world);
  // After a failure Flagger has seen the target's revision, and waits for another one.
  const candidate = state === 'rolledBack' ? current : promoted;
  const reason = 'Adopted from Flagger: what the primary runs counts as promoted';
  const context = { ...EMPTY_CONTEXT, since: observed.at, plan: observed.plan, promoted, candidate, reason };
  return rolloutMachine.resolveState({ value: state, context });
}

type Names = { target: Pick<Deployment, 'metadata'>; label: { key: string; value: string } };

/** Whether the primary runs that candidate, but for what Flagger changes in the template of a primary. */
export function runsAlready({ spec }: Deployment, { template, configs }: Candidate, names: Names): boolean {
  const wanted = withPrimaryConfigs(template as PodTemplate, configs);
  return comparable(spec.template, names) === comparable(wanted, names);
}

function comparable({ metadata = {}, spec }: PodTemplate, { target, label }: Names): string {
  const kept = (pairs: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(pairs).filter(([key]) => key !== 'flagger-id' && !key.includes('toolkit.fluxcd.io')),
    );
  const text = canonicalJson({ labels: kept(metadata.labels), annotations: kept(metadata.annotations), spec });
  // Selector label, anti-affinity and spread constraints name the primary.
  return [label.value, target.metadata.name].reduce(
    (changed, name) => changed.replaceAll(`"${name}-primary"`, `"${name}"`),
    text,
  );
}

/** The candidate that the primary was made of, in the words of the target. */
function candidateOfPrimary({ spec, metadata }: Deployment, { label, lookup }: World): Candidate {
  const { 'flagger-id': _id, ...annotations } = spec.template.metadata?.annotations ?? {};
  const labels = { ...spec.template.metadata?.labels };
  if (label !== undefined) labels[label.key] = label.value;
  const renamed = withoutPrimaryConfigs(spec.template, lookup);
  const template: PodTemplate = { ...renamed, metadata: { ...renamed.metadata, labels, annotations } };
  // The primary reads the copies, so these are what was promoted.
  const configs = configChecksums(template, ({ kind, name }) => {
    return lookup({ kind, name: `${name}-primary` }) ?? lookup({ kind, name });
  });
  const revision = shortHash({ template, configs });
  return { revision, generation: metadata.generation ?? 0, template: template as Candidate['template'], configs };
}
