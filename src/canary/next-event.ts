/** What the observed world means for a rollout: at most one event at a time, so that each is decided before the next is looked for. */

import type { EpochMs } from '../lib/clock.ts';
import { isWritten } from './action-plan.ts';
import { desiredOf } from './desired.ts';
import type { Observed } from './observed.ts';
import type { RolloutSnapshot } from './rollout.machine.ts';
import type { RolloutEvent } from './rollout-events.ts';
import type { RolloutState } from './rollout-record.ts';

/** Who holds a rollout while `spec.suspend` is true. */
const SUSPENDED_BY = 'spec.suspend';

const RESTING: readonly RolloutState[] = ['initialized', 'succeeded', 'rolledBack'];
const RUNNING: readonly RolloutState[] = [
  'awaitingStart',
  'startingCanary',
  'preparing',
  'routing',
  'analysing',
  'awaitingApproval',
  'awaitingPromotion',
];
const JUDGED: readonly RolloutState[] = ['analysing', 'awaitingApproval', 'awaitingPromotion'];
const DRAINING: readonly RolloutState[] = ['bootstrapping', 'finalising', 'rollingBack'];

export function isResting(state: RolloutState): boolean {
  return RESTING.includes(state);
}

/** Between the arrival of a revision and the decision about it. */
export function isRunning(state: RolloutState): boolean {
  return RUNNING.includes(state);
}

/** @returns `undefined` when nothing has happened */
export function nextEvent(snapshot: RolloutSnapshot, observed: Observed): RolloutEvent | undefined {
  const { value, context } = snapshot;
  const { at } = observed;
  if (value === 'terminating') return undefined;
  if (observed.deleting) return { type: 'canary.deleted', at };
  if (isRunning(value)) {
    if (observed.suspended && context.paused === null) {
      return { type: 'operator.paused', at, by: SUSPENDED_BY, reason: 'The Canary is suspended' };
    }
    if (!observed.suspended && context.paused?.by === SUSPENDED_BY) {
      return { type: 'operator.resumed', at, by: SUSPENDED_BY, reason: 'The Canary is not suspended any more' };
    }
  }
  if (observed.suspended) return undefined;
  const event = targetEvent(snapshot, observed);
  if (event !== undefined || context.paused === null) return event ?? stateEvent(snapshot, observed);
  // Whoever pauses a rollout does not want requests to be sent to pods that are gone.
  const happened = stateEvent(snapshot, observed);
  return happened?.type === 'canary.lost' ? happened : undefined;
}

/** Whether a round of checks is due now. */
export function isEvidenceDue({ value, context }: RolloutSnapshot, { at, suspended }: Observed): boolean {
  return (
    JUDGED.includes(value) && !suspended && context.paused === null && context.judgeAt !== null && context.judgeAt <= at
  );
}

/** When time alone makes something happen; `undefined` when only the world can. */
export function wakeAt({ value, context }: RolloutSnapshot, { at, drainMs, suspended }: Observed): EpochMs | undefined {
  if (context.paused !== null || suspended) return undefined;
  const { judgeAt, deadlineAt, liveSince, since, plan } = context;
  const instants = [
    judgeAt,
    deadlineAt,
    DRAINING.includes(value) && liveSince !== null ? liveSince + drainMs : null,
    since + (plan?.intervalMs ?? 0),
  ];
  const future = instants.filter((instant): instant is EpochMs => instant !== null && at < instant);
  return future.length === 0 ? undefined : Math.min(...future);
}

/** The routes of the present state are written and served; where nobody acknowledges, one interval has to do. */
export function areRoutesLive(snapshot: RolloutSnapshot, { at, routes }: Observed): boolean {
  const desired = desiredOf(snapshot).routes;
  if (desired === undefined || routes === undefined || !isWritten(desired, routes)) return false;
  const { since, plan } = snapshot.context;
  return routes.acknowledged ?? since + (plan?.intervalMs ?? 0) <= at;
}

function targetEvent({ value, context }: RolloutSnapshot, observed: Observed): RolloutEvent | undefined {
  const { at, target, plan, primary } = observed;
  const { promoted, candidate } = context;
  if (target === undefined) {
    const primaryServes = (primary?.readyReplicas ?? 0) > 0;
    return isRunning(value)
      ? { type: 'canary.failed', at, reason: 'The target does not exist', primaryServes }
      : undefined;
  }
  const { revision } = target.candidate;
  const changed: RolloutEvent = { type: 'target.changed', at, candidate: target.candidate, plan };
  if (value === 'initializing') return revision === promoted?.revision ? undefined : changed;
  if (revision === candidate?.revision) return undefined;
  if (value === 'promoting') {
    return primary?.revision !== candidate?.revision && !observed.candidateReproducible ? changed : undefined;
  }
  if (!isRunning(value) && !isResting(value)) return undefined;
  return revision === promoted?.revision ? { type: 'target.reverted', at } : changed;
}

function stateEvent(snapshot: RolloutSnapshot, observed: Observed): RolloutEvent | undefined {
  const { value, context } = snapshot;
  const { at, target, primary } = observed;
  switch (value) {
    case 'initializing':
    case 'restoringPrimary':
      return primaryRuns(observed, context.promoted?.revision) ? { type: 'primary.ready', at } : undefined;
    case 'bootstrapping':
    case 'finalising':
    case 'rollingBack':
      return drainEvent(snapshot, observed);
    case 'startingCanary':
      if (target?.ready === true && target.replicas > 0) return { type: 'canary.ready', at };
      if (target?.failed !== undefined) return { ...failure(observed, target.failed), type: 'canary.failed' };
      return deadlineEvent(
        snapshot,
        observed,
        `The canary did not become ready in time: ${target?.reason ?? 'no target'}`,
      );
    case 'preparing':
    case 'analysing':
    case 'awaitingApproval':
    case 'awaitingPromotion':
      return target?.readyReplicas === 0 ? { type: 'canary.lost', at } : undefined;
    case 'routing':
      if (target?.readyReplicas === 0) return { type: 'canary.lost', at };
      if (areRoutesLive(snapshot, observed)) return { type: 'routes.live', at };
      return deadlineEvent(snapshot, observed, 'The data plane did not take up the weight of the stage in time');
    case 'promoting':
      if (primaryRuns(observed, context.candidate?.revision)) return { type: 'primary.ready', at };
      if (primary?.revision === context.candidate?.revision && primary?.failed !== undefined) {
        return { ...failure(observed, `The primary did not take over: ${primary.failed}`), type: 'primary.failed' };
      }
      return deadlineEvent(
        snapshot,
        observed,
        `The primary did not become ready in time: ${primary?.reason ?? 'it is missing'}`,
      );
    case 'shiftingBack':
      return context.judgeAt !== null && context.judgeAt <= at ? { type: 'clock.ticked', at } : undefined;
    case 'initialized':
    case 'awaitingStart':
    case 'succeeded':
    case 'rolledBack':
    case 'terminating':
      return undefined;
    default:
      return value satisfies never;
  }
}

function primaryRuns({ primary }: Observed, revision: string | undefined): boolean {
  return primary?.ready === true && primary.revision === revision;
}

function drainEvent(snapshot: RolloutSnapshot, observed: Observed): RolloutEvent | undefined {
  const { at, drainMs } = observed;
  const { liveSince } = snapshot.context;
  if (!areRoutesLive(snapshot, observed)) return undefined;
  if (liveSince === null) return { type: 'routes.live', at };
  return liveSince + drainMs <= at ? { type: 'routes.drained', at } : undefined;
}

function deadlineEvent({ context }: RolloutSnapshot, observed: Observed, reason: string): RolloutEvent | undefined {
  const isPassed = context.deadlineAt !== null && context.deadlineAt <= observed.at;
  return isPassed ? { ...failure(observed, reason), type: 'deadline.passed' } : undefined;
}

function failure({ at, primary }: Observed, reason: string): { at: EpochMs; reason: string; primaryServes: boolean } {
  return { at, reason, primaryServes: (primary?.readyReplicas ?? 0) > 0 };
}
