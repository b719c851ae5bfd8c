/** One turn of the ReplicaSet controller as a value: how many pods to make, which to end, what the status says. Pure. */

import { type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import { controllerReference } from '../../lib/resource.ts';
import { generatedName } from './generated-name.ts';
import { selectorMatches } from './label-selector.ts';
import { availableAt, conditionOf, isActive, isAvailable, isReady } from './pod-facts.ts';
import { chooseVictims } from './rank-victims.ts';
import type { Condition, Pod, ReplicaSet, ReplicaSetStatus } from './workload-objects.ts';

/** No turn makes or ends more pods than this; the rest follows in the next turns. */
export const BURST_PODS = 500;

export type ReplicaSetPlan = {
  create: number;
  victims: readonly Pod[];
  /** When the next ready pod will have been ready for long enough. */
  wakeAt: EpochMs | undefined;
};

/** @param pods those that the ReplicaSet controls, finished ones included */
export function planReplicaSet(replicaSet: ReplicaSet, pods: readonly Pod[], now: EpochMs): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const wakeAt = nextAvailableAt(active, replicaSet.spec.minReadySeconds ?? 0, now);
  if (replicaSet.metadata.deletionTimestamp !== undefined) return { create: 0, victims: [], wakeAt };
  const missing = (replicaSet.spec.replicas ?? 1) - active.length;
  return {
    create: Math.min(BURST_PODS, Math.max(0, missing)),
    victims: chooseVictims(active, Math.min(BURST_PODS, -missing)),
    wakeAt,
  };
}

function nextAvailableAt(active: readonly Pod[], minReadySeconds: number, now: EpochMs): EpochMs | undefined {
  if (minReadySeconds === 0) return undefined;
  const coming = active
    .map((pod) => availableAt(pod, minReadySeconds))
    .filter((at): at is EpochMs => at !== undefined && at > now);
  return coming.length === 0 ? undefined : Math.min(...coming);
}

/** Why pods could not be made or ended, as the condition ReplicaFailure says it. */
export type ReplicaFailure = { reason: 'FailedCreate' | 'FailedDelete'; message: string };

/** The status to write; deep-equal to the present one when nothing changed. */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  { pods, failure, now }: { pods: readonly Pod[]; failure: ReplicaFailure | undefined; now: EpochMs },
): ReplicaSetStatus {
  const active = pods.filter(isActive);
  const templateLabels = { matchLabels: replicaSet.spec.template.metadata?.labels ?? {} };
  const count = (holds: (pod: Pod) => boolean) => active.filter(holds).length;
  const conditions = conditionsOf(replicaSet, failure, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: count(({ metadata }) => selectorMatches(templateLabels, metadata.labels)),
    readyReplicas: count(isReady),
    availableReplicas: count((pod) => isAvailable(pod, replicaSet.spec.minReadySeconds ?? 0, now)),
    observedGeneration: replicaSet.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function conditionsOf(replicaSet: ReplicaSet, failure: ReplicaFailure | undefined, now: EpochMs): Condition[] {
  const others = (replicaSet.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const current = conditionOf(replicaSet, 'ReplicaFailure');
  if (current?.status === 'True' && current.reason === failure.reason) return [...others, current];
  return [...others, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime: toRfc3339(now) }];
}

/** The pod that a ReplicaSet makes; the server completes its name. */
export function podOf(replicaSet: ReplicaSet): Pod {
  const { name, namespace } = replicaSet.metadata;
  const { metadata: { labels, annotations } = {}, spec } = replicaSet.spec.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: generatedName({
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(replicaSet)],
    }),
    spec,
  };
}
