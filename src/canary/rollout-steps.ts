/** How events change what a rollout remembers: pure functions from context and event to the changed fields. */

import type { EpochMs } from '../lib/clock.ts';
import { explainCheck } from '../metrics/explain-check.ts';
import { decidingCheck, roundVerdict } from './evidence.ts';
import { EMPTY_CONTEXT, type RolloutContext, stageOf } from './rollout-context.ts';
import type { RolloutEvent } from './rollout-events.ts';
import { gateOpened } from './rollout-guards.ts';
import { firstCheckMs } from './rollout-plan.ts';
import type { Release } from './rollout-record.ts';

type Step = { context: RolloutContext; event: RolloutEvent };
type Change = Partial<RolloutContext>;

const HISTORY_LENGTH_MAX = 10;

/** Instants in records: RFC 3339 with milliseconds. */
export function instant(at: EpochMs): string {
  return new Date(at).toISOString();
}

export function enterState({ event }: Step): Change {
  return { since: event.at, liveSince: null, openedGates: [], judgeAt: null, deadlineAt: null };
}

/** The very first revision, and every change before anything serves: the primary takes it as it is. */
export function adoptTarget({ event }: Step): Change {
  if (event.type !== 'target.changed') return {};
  const { candidate, plan } = event;
  return { promoted: candidate, candidate, plan, reason: 'The first revision becomes the primary without analysis' };
}

/** A new run forgets everything about the one before, which goes to the history if it was still under way. */
export function startRun({ context, event }: Step): Change {
  if (event.type !== 'target.changed' && event.type !== 'operator.retried') return {};
  const isUnderWay = context.startedAt !== null;
  const superseded = `Revision ${event.candidate.revision} arrived`;
  return {
    ...EMPTY_CONTEXT,
    promoted: context.promoted,
    candidate: event.candidate,
    plan: event.plan,
    startedAt: event.at,
    reason:
      event.type === 'operator.retried' ? `Retried by ${event.by}` : `Revision ${event.candidate.revision} is analysed`,
    history: isUnderWay ? pushRelease(context, 'superseded', superseded, event.at) : context.history,
  };
}

/** Between the states in which evidence is judged the stage goes on: its age, its next round and its deadline stay. */
export function enterRound({ event }: Step): Change {
  return { since: event.at, openedGates: [] };
}

export function armDeadline({ context, event }: Step): Change {
  return { deadlineAt: event.at + (context.plan?.deadlineMs ?? 0) };
}

export function markLive({ event }: Step): Change {
  return { liveSince: event.at };
}

/** Called when a stage's weight is live: the first check looks back no further than this instant. */
export function beginStage({ context, event }: Step): Change {
  const stage = stageOf(context);
  const { plan } = context;
  if (stage === undefined || plan === null) return {};
  const judgeAt = event.at + firstCheckMs(stage, plan.intervalMs);
  const progress = { name: stage.name, weight: stage.weight, startedAt: instant(event.at) };
  const stages = context.stages.at(-1)?.name === stage.name ? context.stages : [...context.stages, progress];
  return { liveSince: event.at, judgeAt, deadlineAt: judgeAt + plan.deadlineMs, passes: 0, inconclusive: 0, stages };
}

/** Counts one round and says when the next one is due. */
export function recordRound({ context, event }: Step): Change {
  if (event.type !== 'evidence.judged' || context.plan === null) return {};
  const { intervalMs, deadlineMs, onNoData } = context.plan;
  const judged = { checks: event.checks, judgeAt: event.at + intervalMs };
  switch (roundVerdict(event.checks, onNoData)) {
    case 'pass':
      return { ...judged, passes: context.passes + 1, inconclusive: 0, deadlineAt: event.at + deadlineMs };
    case 'fail':
      return { ...judged, failures: context.failures + 1, inconclusive: 0, deadlineAt: event.at + deadlineMs };
    case 'inconclusive':
      return { ...judged, inconclusive: context.inconclusive + 1 };
  }
}

export function endStage({ context, event }: Step, outcome: 'passed' | 'failed' | 'left'): Change {
  const last = context.stages.at(-1);
  if (last === undefined || last.endedAt !== undefined) return {};
  return { stages: [...context.stages.slice(0, -1), { ...last, endedAt: instant(event.at), outcome }] };
}

export function nextStage({ context }: Step): Change {
  return { stageIndex: context.stageIndex + 1, passes: 0, inconclusive: 0 };
}

export function openGate({ context, event }: Step): Change {
  const gate = gateOpened(event);
  if (gate === undefined) return {};
  const openedGates = [...context.openedGates, gate];
  if (event.type !== 'operator.approved') return { openedGates };
  const { by, reason, at } = event;
  return { openedGates, approvals: [...context.approvals, { gate, by, reason, at: instant(at) }] };
}

export function pause({ event }: Step): Change {
  if (event.type !== 'operator.paused') return {};
  return { paused: { by: event.by, reason: event.reason, at: event.at } };
}

/** No time passes while a rollout is paused: everything that lies in the future moves on. */
export function resume({ context, event }: Step): Change {
  if (context.paused === null) return {};
  const heldMs = Math.max(0, event.at - context.paused.at);
  const later = (at: EpochMs | null) => (at === null ? null : at + heldMs);
  return {
    paused: null,
    since: context.since + heldMs,
    liveSince: later(context.liveSince),
    judgeAt: later(context.judgeAt),
    deadlineAt: later(context.deadlineAt),
  };
}

export function beginReturn({ context, event }: Step): Change {
  return { judgeAt: event.at, returnWeight: stageOf(context)?.weight ?? 0 };
}

export function stepBack({ context, event }: Step): Change {
  const { plan, returnWeight } = context;
  return {
    returnWeight: Math.max(0, returnWeight - (plan?.returnStep ?? 100)),
    judgeAt: event.at + (plan?.intervalMs ?? 0),
  };
}

/** After promotion began, traffic goes to the side that can serve until the primary is what it was. */
export function chooseHealthySide({ event }: Step): Change {
  return { returnWeight: 'primaryServes' in event && event.primaryServes ? 0 : 100 };
}

export function finishRun({ context, event }: Step): Change {
  const reason = `Revision ${context.candidate?.revision ?? ''} passed every stage and is the primary now`;
  return {
    promoted: context.candidate,
    outcome: 'promoted',
    reason,
    history: pushRelease(context, 'promoted', reason, event.at),
    startedAt: null,
    paused: null,
  };
}

/** Why the run ends without a promotion. The history is written here, in the turn of the decision. */
export function failRun({ context, event }: Step): Change {
  const { outcome, reason } = failureOf({ context, event });
  const checks = event.type === 'evidence.judged' ? event.checks : context.checks;
  const failures = isFailedRound({ context, event }) ? context.failures + 1 : context.failures;
  const ended = { ...context, ...endStage({ context, event }, 'failed') };
  return {
    ...endStage({ context, event }, 'failed'),
    outcome,
    reason,
    checks,
    failures,
    paused: null,
    history: pushRelease(ended, outcome, reason, event.at),
    startedAt: null,
  };
}

export function forgetCandidate({ context }: Step): Change {
  return {
    candidate: context.promoted,
    outcome: 'reverted',
    reason: 'The target declares the promoted revision again',
  };
}

function isFailedRound({ context, event }: Step): boolean {
  return event.type === 'evidence.judged' && roundVerdict(event.checks, context.plan?.onNoData ?? 'hold') === 'fail';
}

function failureOf({ context, event }: Step): { outcome: Release['outcome']; reason: string } {
  switch (event.type) {
    case 'operator.aborted':
      return { outcome: 'aborted', reason: withReason(`Aborted by ${event.by}`, event.reason) };
    case 'operator.rejected':
      return { outcome: 'rolledBack', reason: withReason(`Rejected by ${event.by}`, event.reason) };
    case 'target.reverted':
      return { outcome: 'reverted', reason: 'The target declares the promoted revision again' };
    case 'evidence.judged':
      return { outcome: 'rolledBack', reason: evidenceReason(context, event) };
    case 'deadline.passed':
    case 'canary.failed':
    case 'primary.failed':
      return { outcome: 'rolledBack', reason: event.reason };
    default:
      return { outcome: 'rolledBack', reason: 'The rollout was taken back' };
  }
}

function evidenceReason(context: RolloutContext, { checks }: { checks: RolloutContext['checks'] }): string {
  const check = decidingCheck(checks);
  const stage = stageOf(context)?.name ?? '';
  const what = check === undefined ? 'The evidence is missing' : explainCheck(check);
  if (check?.verdict.kind === 'inconclusive' && context.plan?.onNoData !== 'fail') {
    return `No verdict until the deadline in stage ${stage}: ${what}`;
  }
  return `Failed check ${context.failures + 1} of ${context.plan?.threshold ?? 1} in stage ${stage}: ${what}`;
}

function withReason(text: string, reason: string): string {
  return reason === '' ? text : `${text}: ${reason}`;
}

function pushRelease(context: RolloutContext, outcome: Release['outcome'], reason: string, at: EpochMs): Release[] {
  const release: Release = {
    revision: context.candidate?.revision ?? '',
    outcome,
    reason,
    startedAt: instant(context.startedAt ?? at),
    endedAt: instant(at),
    stages: context.stages,
    approvals: context.approvals,
  };
  return [release, ...context.history].slice(0, HISTORY_LENGTH_MAX);
}
