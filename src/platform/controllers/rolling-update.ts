/**
 * How big each ReplicaSet of a Deployment should be now, while a rolling update replaces old pods by new ones. Pure
 * arithmetic; the meaning of maxSurge and maxUnavailable is Kubernetes' (Deployment v1, spec.strategy.rollingUpdate).
 */

import type { DeploymentSpec, IntOrPercent } from './workload-objects.ts';

/** What the arithmetic needs of a ReplicaSet. */
export type SetSize = { name: string; replicas: number; available: number };

/** Wanted replicas by name of the ReplicaSet; sets that are not named stay as they are. */
export type Sizes = ReadonlyMap<string, number>;

/** How far a rolling update may leave the wanted number of pods, upwards and downwards. */
export type RollingBounds = { maxSurge: number; maxUnavailable: number };

/**
 * Percentages become pods: surge rounds up, unavailability rounds down. If both are 0 nothing could ever move, so one pod may be
 * unavailable. Recreate knows no bounds.
 */
export function rollingBounds({ strategy, replicas = 1 }: DeploymentSpec): RollingBounds {
  if (strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {};
  const surge = podsOf(maxSurge, replicas, Math.ceil);
  const unavailable = Math.min(podsOf(maxUnavailable, replicas, Math.floor), replicas);
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? Math.min(1, replicas) : unavailable };
}

function podsOf(amount: IntOrPercent, replicas: number, round: (pods: number) => number): number {
  const text = String(amount);
  const pods = text.endsWith('%') ? round((Number.parseInt(text, 10) * replicas) / 100) : Number.parseInt(text, 10);
  return Number.isFinite(pods) ? Math.max(0, pods) : 0;
}

/**
 * The next sizes of a rolling update; empty when nothing may move now.
 *
 * Either the new set grows into the surge, or old sets shrink, never both at once: what a shrinking may take depends on pods
 * that are really there.
 *
 * Invariant: the sum of all sizes never rises above `replicas + maxSurge`, and no size falls as long as that could leave fewer
 * than `replicas - maxUnavailable` available pods.
 *
 * @param oldSets oldest first
 */
export function nextSizes(
  { replicas, newSet, oldSets }: { replicas: number; newSet: SetSize; oldSets: readonly SetSize[] },
  bounds: RollingBounds,
): Sizes {
  const grown = newSetSize({ replicas, newSet, oldSets }, bounds);
  if (grown !== newSet.replicas) return new Map([[newSet.name, grown]]);
  return shrunkOldSets({ replicas, newSet: trusted(newSet), oldSets: oldSets.map(trusted) }, bounds);
}

/** A status may lag behind a set that was made smaller a moment ago: pods that are about to go serve nobody. */
function trusted(set: SetSize): SetSize {
  return { ...set, available: Math.min(set.available, set.replicas) };
}

function newSetSize(
  { replicas, newSet, oldSets }: { replicas: number; newSet: SetSize; oldSets: readonly SetSize[] },
  { maxSurge }: RollingBounds,
): number {
  if (newSet.replicas >= replicas) return replicas;
  const room = replicas + maxSurge - sum([newSet, ...oldSets], 'replicas');
  return newSet.replicas + Math.max(0, Math.min(room, replicas - newSet.replicas));
}

function shrunkOldSets(
  { replicas, newSet, oldSets }: { replicas: number; newSet: SetSize; oldSets: readonly SetSize[] },
  { maxUnavailable }: RollingBounds,
): Sizes {
  const minAvailable = replicas - maxUnavailable;
  const newUnavailable = Math.max(0, newSet.replicas - newSet.available);
  const mayGo = sum([newSet, ...oldSets], 'replicas') - minAvailable - newUnavailable;
  if (mayGo <= 0) return new Map();

  // Pods that serve nobody go first; only then may healthy ones go, as many as are available beyond the minimum.
  const withoutUnhealthy = take(oldSets, mayGo, (set) => set.replicas - set.available);
  const spare = sum([newSet, ...oldSets], 'available') - minAvailable;
  const withoutSpare = take(withoutUnhealthy, Math.max(0, spare), (set) => set.replicas);
  return changed(oldSets, withoutSpare);
}

/** Takes up to `budget` pods off `sets`, oldest set first, at most `limit(set)` off each. */
function take(sets: readonly SetSize[], budget: number, limit: (set: SetSize) => number): SetSize[] {
  let left = budget;
  return sets.map((set) => {
    const taken = Math.max(0, Math.min(left, limit(set), set.replicas));
    left -= taken;
    return { ...set, replicas: set.replicas - taken };
  });
}

/** The sizes in `after` that differ from those in `before`. */
export function changed(before: readonly SetSize[], after: readonly SetSize[]): Sizes {
  const sizes = new Map(before.map(({ name, replicas }) => [name, replicas]));
  return new Map(
    after.filter(({ name, replicas }) => sizes.get(name) !== replicas).map(({ name, replicas }) => [name, replicas]),
  );
}

export function sum(sets: readonly SetSize[], field: 'replicas' | 'available'): number {
  return sets.reduce((total, set) => total + set[field], 0);
}
