/**
 * What happens when the wanted number of replicas changes: with one active ReplicaSet it takes all; in the middle of a rolling
 * update every set grows or shrinks in proportion to its size, so that the risk stays as spread as it was. Pure arithmetic
 * (Kubernetes, "Proportional scaling" of Deployments).
 */

import { changed, type RollingBounds, type SetSize, type Sizes, sum } from './rolling-update.ts';

export type ScalableSet = SetSize & {
  /** `replicas + maxSurge` at the time of the last scaling, as the annotation `max-replicas` remembers. */
  maxReplicasBefore?: number;
};

/**
 * Sizes after scaling to `replicas`; only those that change.
 *
 * @param sets newest first; the first is the new set if `hasNewSet`
 */
export function scaledSizes(
  { replicas, sets, hasNewSet }: { replicas: number; sets: readonly ScalableSet[]; hasNewSet: boolean },
  { maxSurge, rolling }: { maxSurge: RollingBounds['maxSurge']; rolling: boolean },
): Sizes {
  const active = sets.filter((set) => set.replicas > 0);
  const only = active.length === 0 ? sets[0] : active.length === 1 ? active[0] : undefined;
  if (only !== undefined) return changed([only], [{ ...only, replicas }]);

  const [newest] = sets;
  if (hasNewSet && newest?.replicas === replicas && newest.available === replicas) {
    return new Map(active.filter((set) => set !== newest).map(({ name }) => [name, 0]));
  }
  return rolling ? inProportion(active, replicas, maxSurge) : new Map();
}

function inProportion(active: readonly ScalableSet[], replicas: number, maxSurge: number): Sizes {
  const allowed = replicas > 0 ? replicas + maxSurge : 0;
  const total = sum(active, 'replicas');
  const toAdd = allowed - total;
  // Biggest first; among equals the newest grows first and the oldest shrinks first.
  const newestFirst = toAdd > 0 ? active : [...active].reverse();
  const ordered = [...newestFirst].sort((one, other) => other.replicas - one.replicas);

  let added = 0;
  const scaled = ordered.map((set) => {
    const share = clampTo(fraction(set, allowed, replicas, total), toAdd - added);
    added += share;
    return { ...set, replicas: set.replicas + share };
  });
  // What rounding left over goes to the biggest set.
  const [first, ...rest] = scaled;
  if (first === undefined) return new Map();
  return changed(active, [{ ...first, replicas: Math.max(0, first.replicas + toAdd - added) }, ...rest]);
}

function fraction(set: ScalableSet, allowed: number, replicas: number, total: number): number {
  if (replicas === 0) return -set.replicas;
  const before = set.maxReplicasBefore ?? total;
  return before > 0 ? Math.round((set.replicas * allowed) / before) - set.replicas : 0;
}

/** `share`, but never past `left` nor against its direction. */
function clampTo(share: number, left: number): number {
  return left >= 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left));
}
