/**
 * What a Deployment says of itself: counts, and the conditions Available and Progressing by which `kubectl rollout status`
 * decides. Pure.
 */

import { type EpochMs, toRfc3339 } from '../../lib/clock.ts';
import { conditionOf, instantOf } from './pod-facts.ts';
import { rollingBounds } from './rolling-update.ts';
import type { Condition, Deployment, DeploymentStatus, ReplicaSet } from './workload-objects.ts';

export const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;
// The largest 32-bit number means "no deadline" (Deployment v1, progressDeadlineSeconds).
const NO_DEADLINE_SECONDS = 2_147_483_647;

export type StatusInput = {
  deployment: Deployment;
  newSet: ReplicaSet | undefined;
  oldSets: readonly ReplicaSet[];
  /** The name of a ReplicaSet that this turn creates. */
  creates?: string | undefined;
  now: EpochMs;
};

/** The status to write; deep-equal to the present one when nothing changed. */
export function deploymentStatus(input: StatusInput): DeploymentStatus {
  const { deployment } = input;
  const counts = countsOf(input);
  const conditions = [
    ...otherConditions(deployment),
    ...present(replicaFailure(input)),
    withTimes(deployment, availableCondition(deployment, counts), input.now),
    ...present(progressingCondition(input, counts)),
  ];
  const { collisionCount } = deployment.status ?? {};
  return { ...counts, ...(collisionCount === undefined ? {} : { collisionCount }), conditions };
}

/**
 * When a rollout that makes no progress has to be looked at again, because its deadline ends.
 *
 * @returns `undefined` when no deadline is running
 */
export function deadlineAt({ spec, metadata }: Deployment, status: DeploymentStatus): EpochMs | undefined {
  const condition = conditionOf({ status }, 'Progressing');
  const deadlineMs = progressDeadlineMs({ spec, metadata });
  if (condition === undefined || deadlineMs === undefined || spec.paused === true) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  // Instants are written in whole seconds, so the deadline may seem to start up to one second early.
  return instantOf(condition.lastUpdateTime) + deadlineMs + 1000;
}

function progressDeadlineMs({ spec }: Pick<Deployment, 'spec' | 'metadata'>): number | undefined {
  const seconds = spec.progressDeadlineSeconds ?? DEFAULT_PROGRESS_DEADLINE_SECONDS;
  return seconds === NO_DEADLINE_SECONDS ? undefined : seconds * 1000;
}

type Counts = Required<Omit<DeploymentStatus, 'collisionCount' | 'conditions'>>;

function countsOf({ deployment, newSet, oldSets }: StatusInput): Counts {
  const sets = newSet === undefined ? oldSets : [...oldSets, newSet];
  const total = (count: (set: ReplicaSet) => number | undefined) =>
    sets.reduce((sum, set) => sum + (count(set) ?? 0), 0);
  const availableReplicas = total(({ status }) => status?.availableReplicas);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total(({ status }) => status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: total(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, total(({ spec }) => spec.replicas ?? 1) - availableReplicas),
  };
}

const OWN_CONDITIONS = new Set(['Available', 'Progressing', 'ReplicaFailure']);

function otherConditions({ status }: Deployment): Condition[] {
  return (status?.conditions ?? []).filter(({ type }) => !OWN_CONDITIONS.has(type));
}

/** The set's own trouble with creating pods (quota, admission) is shown on the Deployment too. */
function replicaFailure({ newSet, oldSets }: StatusInput): Condition | undefined {
  for (const set of newSet === undefined ? oldSets : [newSet, ...oldSets]) {
    const failure = conditionOf(set, 'ReplicaFailure');
    if (failure?.status === 'True') {
      return { ...failure, lastUpdateTime: failure.lastUpdateTime ?? failure.lastTransitionTime ?? '' };
    }
  }
  return undefined;
}

function availableCondition({ spec }: Deployment, { availableReplicas }: Counts): Condition {
  const enough = availableReplicas >= (spec.replicas ?? 1) - rollingBounds(spec).maxUnavailable;
  return {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  };
}

function progressingCondition(input: StatusInput, counts: Counts): Condition | undefined {
  const { deployment, now } = input;
  if (progressDeadlineMs(deployment) === undefined) return undefined;
  const current = conditionOf(deployment, 'Progressing');
  if (deployment.spec.paused === true || current?.reason === 'DeploymentPaused') {
    return pausedCondition(deployment, current, now);
  }
  const next = progressOf(input, counts, current);
  if (next === undefined) return current;
  // Each step of progress starts the deadline anew.
  const progressed = next.reason === 'ReplicaSetUpdated' || next.reason === 'NewReplicaSetCreated';
  return progressed ? freshlyUpdated(deployment, next, now) : withTimes(deployment, next, now);
}

function pausedCondition(deployment: Deployment, current: Condition | undefined, now: EpochMs): Condition | undefined {
  if (current?.reason === 'ProgressDeadlineExceeded') return current;
  const paused = deployment.spec.paused === true;
  return withTimes(
    deployment,
    {
      type: 'Progressing',
      status: 'Unknown',
      reason: paused ? 'DeploymentPaused' : 'DeploymentResumed',
      message: `Deployment is ${paused ? 'paused' : 'resumed'}`,
    },
    now,
  );
}

/** What is new about the progress; `undefined` when the present condition still says it. */
function progressOf(input: StatusInput, counts: Counts, current: Condition | undefined): Condition | undefined {
  const { deployment, newSet, creates, now } = input;
  const subject =
    newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
  const progressing = { type: 'Progressing', status: 'True' } as const;

  if (creates !== undefined) {
    return { ...progressing, reason: 'NewReplicaSetCreated', message: `Created new replica set "${creates}"` };
  }
  if (isComplete(deployment, counts)) {
    return {
      ...progressing,
      reason: 'NewReplicaSetAvailable',
      message: `${subject} has successfully progressed.`,
    };
  }
  // A finished rollout stays finished while pods come and go; only a new template or a new scale starts it again.
  const settled = counts.replicas === counts.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (settled) return undefined;
  if (hasProgressed(deployment, counts) || current?.reason === 'NewReplicaSetAvailable') {
    return { ...progressing, reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
  }
  if (current === undefined && newSet !== undefined) {
    return { ...progressing, reason: 'FoundNewReplicaSet', message: `Found new replica set "${newSet.metadata.name}"` };
  }
  if (isOverdue(deployment, current, now)) {
    return {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `${subject} has timed out progressing.`,
    };
  }
  return undefined;
}

/** Every wanted pod is of the current template and available, and no other is left. */
export function isComplete({ spec }: Deployment, status: DeploymentStatus): boolean {
  const replicas = spec.replicas ?? 1;
  return status.updatedReplicas === replicas && status.replicas === replicas && status.availableReplicas === replicas;
}

function hasProgressed({ status: before = {} }: Deployment, counts: Counts): boolean {
  const oldBefore = (before.replicas ?? 0) - (before.updatedReplicas ?? 0);
  return (
    counts.updatedReplicas > (before.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < oldBefore ||
    counts.readyReplicas > (before.readyReplicas ?? 0) ||
    counts.availableReplicas > (before.availableReplicas ?? 0)
  );
}

function isOverdue(deployment: Deployment, current: Condition | undefined, now: EpochMs): boolean {
  const deadlineMs = progressDeadlineMs(deployment);
  if (current === undefined || deadlineMs === undefined || current.reason === 'NewReplicaSetAvailable') return false;
  return instantOf(current.lastUpdateTime) + deadlineMs < now;
}

/** Keeps the times of an unchanged condition, so that writing it again changes nothing. */
export function withTimes({ status }: Deployment, next: Condition, now: EpochMs): Condition {
  const current = conditionOf({ status: status ?? {} }, next.type);
  if (current?.status === next.status && current.reason === next.reason) return current;
  return freshlyUpdated({ status: status ?? {} }, next, now);
}

function freshlyUpdated({ status }: { status?: DeploymentStatus }, next: Condition, now: EpochMs): Condition {
  const current = conditionOf({ status: status ?? {} }, next.type);
  const at = toRfc3339(now);
  const since = current?.status === next.status ? (current.lastTransitionTime ?? at) : at;
  return { ...next, lastUpdateTime: at, lastTransitionTime: since };
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
