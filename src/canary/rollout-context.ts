/** What a rollout remembers between events: plain JSON, nothing that can be computed from the rest. */

import type { EpochMs } from '../lib/clock.ts';
import type { CheckResult } from '../metrics/verdict.ts';
import type { RolloutPlan, Stage } from './rollout-plan.ts';
import type { Approval, Candidate, Release, RolloutState, StageProgress } from './rollout-record.ts';

export type RolloutContext = {
  plan: RolloutPlan | null;
  /** What is rolled out, or was last. */
  candidate: Candidate | null;
  /** What the primary serves, and goes back to. */
  promoted: Candidate | null;
  stageIndex: number;
  /** Since when the state holds. */
  since: EpochMs;
  /** Since when the data plane serves the routes of this state; null: not yet. */
  liveSince: EpochMs | null;
  failures: number;
  passes: number;
  inconclusive: number;
  judgeAt: EpochMs | null;
  deadlineAt: EpochMs | null;
  /** Canary share on the way back to the primary, in percent. */
  returnWeight: number;
  checks: CheckResult[];
  openedGates: string[];
  approvals: Approval[];
  paused: { by: string; reason: string; at: EpochMs } | null;
  reason: string;
  outcome: Release['outcome'] | null;
  startedAt: EpochMs | null;
  stages: StageProgress[];
  history: Release[];
};

export const EMPTY_CONTEXT: RolloutContext = {
  plan: null,
  candidate: null,
  promoted: null,
  stageIndex: 0,
  since: 0,
  liveSince: null,
  failures: 0,
  passes: 0,
  inconclusive: 0,
  judgeAt: null,
  deadlineAt: null,
  returnWeight: 0,
  checks: [],
  openedGates: [],
  approvals: [],
  paused: null,
  reason: '',
  outcome: null,
  startedAt: null,
  stages: [],
  history: [],
};

export function stageOf({ plan, stageIndex }: RolloutContext): Stage | undefined {
  return plan?.stages[stageIndex];
}

export function hasNextStage({ plan, stageIndex }: RolloutContext): boolean {
  return plan !== null && stageIndex + 1 < plan.stages.length;
}

/** The gates that stand in the way of leaving `state`, in the order in which they are asked. */
export function pendingGates(state: RolloutState, context: RolloutContext): string[] {
  return gatesOf(state, context).filter((gate) => !context.openedGates.includes(gate));
}

function gatesOf(state: RolloutState, context: RolloutContext): string[] {
  const first = context.plan?.stages[0];
  switch (state) {
    case 'awaitingStart':
      return webhookGate(context, 'confirm-rollout');
    case 'preparing': {
      if (context.stageIndex > 0) return [];
      const increases = (first?.weight ?? 0) > 0;
      const traffic = increases ? webhookGate(context, 'confirm-traffic-increase') : [];
      return [...webhookGate(context, 'pre-rollout'), ...traffic];
    }
    case 'awaitingApproval': {
      const stage = stageOf(context);
      const approval = stage?.approval === true ? [stage.name] : [];
      return [...approval, ...(hasNextStage(context) ? webhookGate(context, 'confirm-traffic-increase') : [])];
    }
    case 'awaitingPromotion':
      return webhookGate(context, 'confirm-promotion');
    default:
      return [];
  }
}

function webhookGate({ plan }: RolloutContext, type: string): string[] {
  return plan?.webhookGates.some((gate) => gate.type === type) === true ? [type] : [];
}
