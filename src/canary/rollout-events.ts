/** What can happen to a rollout. Every event carries its instant; nothing in `canary/` reads a clock. */

import type { EpochMs } from '../lib/clock.ts';
import type { CheckResult } from '../metrics/verdict.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import type { Candidate } from './rollout-record.ts';

type By = { at: EpochMs; by: string; reason: string };
type Failure = {
  at: EpochMs;
  /** What went wrong, as a sentence. */
  reason: string;
  /** Whether the primary can take all traffic at this moment. */
  primaryServes: boolean;
};
type Run = { at: EpochMs; candidate: Candidate; plan: RolloutPlan };

export type RolloutEvent =
  /** The target declares a revision that is neither promoted nor the one in progress. */
  | ({ type: 'target.changed' } & Run)
  /** The target declares the promoted revision again. */
  | { type: 'target.reverted'; at: EpochMs }
  | { type: 'primary.ready'; at: EpochMs }
  | ({ type: 'primary.failed' } & Failure)
  | { type: 'canary.ready'; at: EpochMs }
  /** No pod of the canary is ready any more. */
  | { type: 'canary.lost'; at: EpochMs }
  | ({ type: 'canary.failed' } & Failure)
  /** The data plane serves the routes that the present state wants. */
  | { type: 'routes.live'; at: EpochMs }
  /** And has served them for the drain time. */
  | { type: 'routes.drained'; at: EpochMs }
  | { type: 'clock.ticked'; at: EpochMs }
  | ({ type: 'deadline.passed' } & Failure)
  | { type: 'evidence.judged'; at: EpochMs; checks: CheckResult[] }
  /** A webhook answered yes to the gate. */
  | { type: 'gate.opened'; at: EpochMs; gate: string }
  | ({ type: 'operator.approved'; gate: string } & By)
  | ({ type: 'operator.rejected' } & By)
  | ({ type: 'operator.paused' } & By)
  | ({ type: 'operator.resumed' } & By)
  | ({ type: 'operator.promoted' } & By)
  | ({ type: 'operator.aborted'; primaryServes: boolean } & By)
  | ({ type: 'operator.retried' } & By & Run)
  | { type: 'canary.deleted'; at: EpochMs };
