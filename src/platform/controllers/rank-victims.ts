/**
 * Which pods of a ReplicaSet go first when it shrinks: those that do the least for anybody. The order is Kubernetes'
 * (ReplicaSet, "Scaling down"). Pure.
 */

import { conditionOf, instantOf, isReady } from './pod-facts.ts';
import type { Pod } from './workload-objects.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_RANK: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** The `count` pods that are missed least. */
export function chooseVictims(pods: readonly Pod[], count: number): Pod[] {
  return count <= 0 ? [] : [...pods].sort(byWorth).slice(0, count);
}

function byWorth(one: Pod, other: Pod): number {
  for (const measure of MEASURES) {
    const difference = measure(one) - measure(other);
    if (difference !== 0) return difference;
  }
  return one.metadata.name < other.metadata.name ? -1 : 1;
}

// The lower number goes first.
const MEASURES: readonly ((pod: Pod) => number)[] = [
  ({ spec }) => (spec.nodeName === undefined || spec.nodeName === '' ? 0 : 1),
  ({ status }) => PHASE_RANK[status?.phase ?? 'Pending'] ?? 1,
  (pod) => (isReady(pod) ? 1 : 0),
  ({ metadata }) => Number.parseInt(metadata.annotations?.[DELETION_COST] ?? '0', 10) || 0,
  // Ready for a shorter time, more often restarted, younger.
  (pod) => (isReady(pod) ? -instantOf(conditionOf(pod, 'Ready')?.lastTransitionTime) : 0),
  ({ status }) => -Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount)),
  ({ metadata }) => -instantOf(metadata.creationTimestamp),
];
