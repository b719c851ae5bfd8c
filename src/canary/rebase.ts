/**
 * Instants in records are wall-clock time, which may jump: NTP, suspend, a person (reliability.md K13). A jump must neither skip a
 * round of checks nor make a rollout wait longer than it would have waited, give or take an interval.
 */

import type { EpochMs } from '../lib/clock.ts';
import { type RolloutSnapshot, rolloutMachine } from './rollout.machine.ts';
import { type RolloutContext, stageOf } from './rollout-context.ts';
import { firstCheckMs } from './rollout-plan.ts';

type Jump = {
  /** Present wall-clock time. */
  at: EpochMs;
  /** By how much the wall clock was moved since the record was written, as far as that is known. */
  jumpMs: number;
};

/**
 * Moves every instant with the clock; one that still lies further ahead than any wait lasts was written under another clock.
 *
 * @returns the same snapshot when nothing had to move
 */
export function rebase(snapshot: RolloutSnapshot, { at, jumpMs }: Jump): RolloutSnapshot {
  const { value, context } = snapshot;
  const { plan } = context;
  const stage = stageOf(context);
  const intervalMs = plan?.intervalMs ?? 0;
  const roundMs = Math.max(intervalMs, stage === undefined ? 0 : firstCheckMs(stage, intervalMs));
  const moved = (instant: EpochMs, waitMs: number) => Math.min(instant + jumpMs, at + waitMs);
  const movedOrNull = (instant: EpochMs | null, waitMs: number) => (instant === null ? null : moved(instant, waitMs));
  const changed: Partial<RolloutContext> = {
    since: moved(context.since, 0),
    liveSince: movedOrNull(context.liveSince, 0),
    judgeAt: movedOrNull(context.judgeAt, roundMs),
    deadlineAt: movedOrNull(context.deadlineAt, roundMs + (plan?.deadlineMs ?? 0)),
    paused: context.paused === null ? null : { ...context.paused, at: moved(context.paused.at, 0) },
  };
  const next: RolloutContext = { ...context, ...changed };
  const isSame = (['since', 'liveSince', 'judgeAt', 'deadlineAt'] as const).every((key) => next[key] === context[key]);
  if (isSame && next.paused?.at === context.paused?.at) return snapshot;
  return rolloutMachine.resolveState({ value, context: next });
}
