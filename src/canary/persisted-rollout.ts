/** From a snapshot to the record in `status.rollout` and back. Instants are text outside and milliseconds inside. */

import type { EpochMs } from '../lib/clock.ts';
import { type Parsed, parseWith } from '../lib/issue.ts';
import { type RolloutSnapshot, rolloutMachine } from './rollout.machine.ts';
import { type RolloutContext, stageOf } from './rollout-context.ts';
import { type RolloutRecord, rolloutRecordSchema, type WaitingFor } from './rollout-record.ts';
import { instant } from './rollout-steps.ts';

export function persist({ value, context }: RolloutSnapshot, waitingFor?: WaitingFor): RolloutRecord {
  const { candidate, promoted, plan, stageIndex, failures, passes, inconclusive, returnWeight } = context;
  const { checks, openedGates, approvals, reason, stages, history } = context;
  return {
    version: '1',
    state: value,
    since: instant(context.since),
    stageIndex,
    ...{ failures, passes, inconclusive, returnWeight, checks, openedGates, approvals, reason, stages, history },
    ...(candidate !== null && { candidate, revision: candidate.revision, generation: candidate.generation }),
    ...(promoted !== null && { promoted, promotedRevision: promoted.revision }),
    ...(plan !== null && { plan }),
    ...optionalText('stageName', stageOf(context)?.name),
    ...optionalInstant('stageSince', context.liveSince),
    ...optionalInstant('judgeAt', context.judgeAt),
    ...optionalInstant('deadlineAt', context.deadlineAt),
    ...optionalInstant('startedAt', context.startedAt),
    ...(context.paused !== null && { paused: { ...context.paused, at: instant(context.paused.at) } }),
    ...(context.outcome !== null && { outcome: context.outcome }),
    ...(waitingFor !== undefined && { waitingFor }),
  };
}

export function restore(record: RolloutRecord): RolloutSnapshot {
  const { failures, passes, inconclusive, returnWeight, checks, openedGates, approvals, reason, stages, history } =
    record;
  const context: RolloutContext = {
    ...{ failures, passes, inconclusive, returnWeight, checks, openedGates, approvals, reason, stages, history },
    plan: record.plan ?? null,
    candidate: record.candidate ?? null,
    promoted: record.promoted ?? null,
    stageIndex: record.stageIndex,
    since: Date.parse(record.since),
    liveSince: parseInstant(record.stageSince),
    judgeAt: parseInstant(record.judgeAt),
    deadlineAt: parseInstant(record.deadlineAt),
    startedAt: parseInstant(record.startedAt),
    paused: record.paused === undefined ? null : { ...record.paused, at: Date.parse(record.paused.at) },
    outcome: record.outcome ?? null,
  };
  return rolloutMachine.resolveState({ value: record.state, context });
}

/** The record of an API object, or what is wrong with it. */
export function parseRecord(input: unknown): Parsed<RolloutRecord> {
  return parseWith(rolloutRecordSchema, input);
}

function parseInstant(text: string | undefined): EpochMs | null {
  return text === undefined ? null : Date.parse(text);
}

function optionalInstant<K extends string>(key: K, at: EpochMs | null): { [P in K]?: string } {
  return (at === null ? {} : { [key]: instant(at) }) as { [P in K]?: string };
}

function optionalText<K extends string>(key: K, text: string | undefined): { [P in K]?: string } {
  return (text === undefined ? {} : { [key]: text }) as { [P in K]?: string };
}
