/** What controllers want to know of a pod. Pure. */

import type { EpochMs } from '../../lib/clock.ts';
import type { Condition, Pod } from './workload-objects.ts';

export function conditionOf(
  object: { status?: { conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** Not finished and not being deleted: such a pod counts as a replica. */
export function isActive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && !isFinished({ status });
}

/** Its processes have ended for good. */
export function isFinished({ status }: { status?: Pod['status'] }): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

/**
 * When a pod becomes, or became, available: ready without a break for `minReadySeconds`.
 *
 * @returns `undefined` for a pod that is not ready
 */
export function availableAt(pod: Pod, minReadySeconds: number): EpochMs | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  const since = instantOf(ready.lastTransitionTime);
  return since + minReadySeconds * 1000;
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: EpochMs): boolean {
  if (minReadySeconds === 0) return isReady(pod);
  const at = availableAt(pod, minReadySeconds);
  return at !== undefined && at <= now;
}

/** An instant of a Kubernetes field; 0 when it is absent or unreadable, so that sorting stays total. */
export function instantOf(text: string | undefined): EpochMs {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? 0 : at;
}
