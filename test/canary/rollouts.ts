/** Rollouts for tests: a plan with everything in it, and every event that can happen to one. */

import { advance, newRollout } from '../../src/canary/advance.ts';
import type { RolloutSnapshot } from '../../src/canary/rollout.machine.ts';
import { pendingGates } from '../../src/canary/rollout-context.ts';
import type { RolloutEvent } from '../../src/canary/rollout-events.ts';
import type { RolloutPlan, Stage } from '../../src/canary/rollout-plan.ts';
import type { Candidate } from '../../src/canary/rollout-record.ts';
import type { CheckResult } from '../../src/metrics/verdict.ts';

export const START = Date.parse('2026-11-21T12:00:00Z');

export function aStage(more: Partial<Stage> = {}): Stage {
  const base = {
    match: [],
    mirrorPercent: 0,
    iterations: 1,
    checks: [{ metric: 'm', bounds: { min: 99 }, intervalMs: 5_000 }],
  };
  return { name: 'one', weight: 10, durationMs: 10_000, approval: false, ...base, ...more };
}

export function aPlan(more: Partial<RolloutPlan> = {}): RolloutPlan {
  return {
    strategy: 'stages',
    stages: [aStage(), aStage({ name: 'two', weight: 50 })],
    intervalMs: 1_000,
    threshold: 2,
    deadlineMs: 600_000,
    onNoData: 'hold',
    returnStep: 0,
    webhookGates: [],
    ...more,
  };
}

/** Every gate there is, and a return in steps. */
export const GATED_PLAN = aPlan({
  stages: [aStage({ approval: true }), aStage({ name: 'two', weight: 50 })],
  returnStep: 25,
  webhookGates: ['confirm-rollout', 'pre-rollout', 'confirm-traffic-increase', 'confirm-promotion'].map((type) => ({
    name: type,
    type,
  })),
});

export function aCandidate(revision: string): Candidate {
  return { revision, generation: 1, template: { metadata: { name: revision } }, configs: {} };
}

export function round(kind: CheckResult['verdict']['kind'], value = 100): CheckResult {
  const bounds = { min: 99 };
  if (kind === 'inconclusive') return { metric: 'm', bounds, verdict: { kind, cause: 'noData', reason: 'no traffic' } };
  return { metric: 'm', bounds, verdict: { kind, value, reason: '' } };
}

/** A rollout at rest after its first revision. */
export function rested(plan: RolloutPlan): RolloutSnapshot {
  const at = START;
  const events: RolloutEvent[] = [
    { type: 'target.changed', at, candidate: aCandidate('r1'), plan },
    { type: 'primary.ready', at },
    { type: 'routes.live', at },
    { type: 'routes.drained', at },
  ];
  return events.reduce(advance, newRollout(at));
}

/** Revision r2 in the first round of its first stage. */
export function analysing(plan: RolloutPlan = aPlan()): RolloutSnapshot {
  const at = START;
  const events: RolloutEvent[] = [
    { type: 'target.changed', at, candidate: aCandidate('r2'), plan },
    { type: 'canary.ready', at },
    { type: 'routes.live', at },
  ];
  return events.reduce(advance, rested(plan));
}

const LONG_MS = 60_000;
const FAILURE = { reason: 'broken', primaryServes: true };
const SIGNED = { by: 'ada', reason: '' };

/** Every event at an instant at which it can mean something. */
export function everyEvent({ value, context }: RolloutSnapshot, plan: RolloutPlan): RolloutEvent[] {
  const at = (context.liveSince ?? context.since) + LONG_MS;
  const deadline = context.deadlineAt ?? at;
  const gates = pendingGates(value, context);
  return [
    ...['r2', 'r3'].map(
      (revision): RolloutEvent => ({ type: 'target.changed', at, candidate: aCandidate(revision), plan }),
    ),
    { type: 'target.reverted', at },
    { type: 'primary.ready', at },
    { type: 'primary.failed', at, ...FAILURE },
    { type: 'primary.failed', at, ...FAILURE, primaryServes: false },
    { type: 'canary.ready', at },
    { type: 'canary.lost', at },
    { type: 'canary.failed', at, ...FAILURE },
    { type: 'routes.live', at },
    { type: 'routes.drained', at },
    { type: 'clock.ticked', at },
    { type: 'deadline.passed', at: deadline, ...FAILURE },
    { type: 'evidence.judged', at, checks: [round('pass')] },
    { type: 'evidence.judged', at, checks: [round('fail', 85.2)] },
    { type: 'evidence.judged', at, checks: [round('inconclusive')] },
    { type: 'evidence.judged', at: deadline, checks: [round('inconclusive')] },
    ...[...gates, 'elsewhere'].flatMap((gate): RolloutEvent[] => [
      { type: 'gate.opened', at, gate },
      { type: 'operator.approved', at, gate, ...SIGNED },
    ]),
    { type: 'operator.rejected', at, ...SIGNED },
    { type: 'operator.paused', at, ...SIGNED },
    { type: 'operator.resumed', at, ...SIGNED },
    { type: 'operator.promoted', at, ...SIGNED },
    { type: 'operator.aborted', at, ...SIGNED, primaryServes: true },
    { type: 'operator.aborted', at, ...SIGNED, primaryServes: false },
    { type: 'operator.retried', at, ...SIGNED, candidate: aCandidate('r2'), plan },
    { type: 'canary.deleted', at },
  ];
}
