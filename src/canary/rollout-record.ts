/**
 * `status.rollout`: everything that has to survive a restart, and everything that a person may want to see. Ours and versioned,
 * not xstate's snapshot; `persisted-rollout.ts` turns it into a snapshot and back. Instants are RFC 3339 with milliseconds,
 * because intervals may be as short as a second.
 */

import { z } from 'zod';
import type { CheckResult } from '../metrics/verdict.ts';

/** Every state of `rollout.machine.ts`. */
export const ROLLOUT_STATES = [
  'initializing',
  'bootstrapping',
  'initialized',
  'awaitingStart',
  'startingCanary',
  'preparing',
  'routing',
  'analysing',
  'awaitingApproval',
  'awaitingPromotion',
  'promoting',
  'shiftingBack',
  'finalising',
  'succeeded',
  'restoringPrimary',
  'rollingBack',
  'rolledBack',
  'terminating',
] as const;

export type RolloutState = (typeof ROLLOUT_STATES)[number];

const verdictSchema = z.object({
  kind: z.enum(['pass', 'fail', 'inconclusive']),
  value: z.number().optional(),
  cause: z.enum(['noData', 'unreachable']).optional(),
  reason: z.string(),
});

/** The verdict union is written flat for the API server; `CheckResult` says which fields go together. */
const checkResultSchema = z
  .object({
    metric: z.string(),
    bounds: z.object({ min: z.number().optional(), max: z.number().optional() }),
    verdict: verdictSchema,
  })
  .transform((check) => check as CheckResult);

/** What a rollout cannot go on without, in words and as data. */
export const waitingForSchema = z.object({
  kind: z.enum([
    'gate',
    'metric',
    'pods',
    'primary',
    'interval',
    'pause',
    'suspend',
    'acknowledgement',
    'webhook',
    'invalid',
  ]),
  /** A sentence for people, complete in itself. */
  text: z.string(),
  gate: z.string().optional(),
  metric: z.string().optional(),
  value: z.number().optional(),
  bound: z.object({ min: z.number().optional(), max: z.number().optional() }).optional(),
  /** When the wait ends by itself, where that is known. */
  until: z.string().optional(),
});

export type WaitingFor = z.output<typeof waitingForSchema>;

const checkPlanSchema = z.object({
  metric: z.string(),
  query: z.string().optional(),
  templateRef: z.object({ name: z.string(), namespace: z.string().optional() }).optional(),
  templateVariables: z.record(z.string(), z.string()).optional(),
  bounds: z.object({ min: z.number().optional(), max: z.number().optional() }),
  intervalMs: z.number(),
});

export const stageRecordSchema = z.object({
  name: z.string(),
  weight: z.number(),
  /** Istio HTTPMatchRequests: these requests go to the canary whatever the weight. */
  match: z.array(z.looseObject({})),
  mirrorPercent: z.number(),
  /** The stage may be left by the first passing check at or past this age. */
  durationMs: z.number(),
  /** And not before this many passing checks. */
  iterations: z.number(),
  checks: z.array(checkPlanSchema),
  approval: z.boolean(),
});

const webhookGateSchema = z.object({ name: z.string(), type: z.string() });

export const planRecordSchema = z.object({
  strategy: z.enum(['canary', 'stages', 'ab-testing', 'blue-green', 'skip']),
  stages: z.array(stageRecordSchema),
  intervalMs: z.number(),
  threshold: z.number(),
  deadlineMs: z.number(),
  onNoData: z.enum(['hold', 'fail', 'pass']),
  /** Percent per interval by which traffic returns to the primary; 0: at once. */
  returnStep: z.number(),
  /** Webhooks that something waits for. */
  webhookGates: z.array(webhookGateSchema),
});

/** What is rolled out: exactly this pod template and these configs are analysed, and exactly these are promoted. */
const candidateSchema = z.object({
  revision: z.string(),
  /** Generation of the target at which this revision was seen. */
  generation: z.number(),
  template: z.looseObject({}),
  configs: z.record(z.string(), z.string()),
});

const stageProgressSchema = z.object({
  name: z.string(),
  weight: z.number(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  outcome: z.enum(['passed', 'failed', 'left']).optional(),
});

const approvalSchema = z.object({ gate: z.string(), by: z.string(), reason: z.string(), at: z.string() });

const releaseSchema = z.object({
  revision: z.string(),
  outcome: z.enum(['promoted', 'rolledBack', 'superseded', 'aborted', 'reverted']),
  reason: z.string(),
  startedAt: z.string(),
  endedAt: z.string(),
  stages: z.array(stageProgressSchema),
  approvals: z.array(approvalSchema),
});

export type Candidate = z.output<typeof candidateSchema>;
export type StageProgress = z.output<typeof stageProgressSchema>;
export type Approval = z.output<typeof approvalSchema>;
export type Release = z.output<typeof releaseSchema>;

export const rolloutRecordSchema = z.object({
  version: z.literal('1'),
  state: z.enum(ROLLOUT_STATES),
  /** Since when the state holds. */
  since: z.string(),
  /** The revision in progress, or the last one that was. */
  revision: z.string().optional(),
  /** Generation of the target that `revision` was computed from. */
  generation: z.number().optional(),
  /** The revision that the primary serves. */
  promotedRevision: z.string().optional(),
  stageIndex: z.number(),
  stageName: z.string().optional(),
  /** Since when the stage's weight is live. */
  stageSince: z.string().optional(),
  failures: z.number(),
  /** Passing rounds of this stage. */
  passes: z.number(),
  /** Rounds without a verdict since the last round with one. */
  inconclusive: z.number(),
  judgeAt: z.string().optional(),
  deadlineAt: z.string().optional(),
  returnWeight: z.number(),
  waitingFor: waitingForSchema.optional(),
  checks: z.array(checkResultSchema),
  approvals: z.array(approvalSchema),
  /** Gates of the present state that are open already. */
  openedGates: z.array(z.string()),
  paused: z.object({ by: z.string(), reason: z.string(), at: z.string() }).optional(),
  /** Why the last decision was taken, as a sentence. */
  reason: z.string(),
  outcome: z.enum(['promoted', 'rolledBack', 'superseded', 'aborted', 'reverted']).optional(),
  startedAt: z.string().optional(),
  stages: z.array(stageProgressSchema),
  plan: planRecordSchema.optional(),
  candidate: candidateSchema.optional(),
  promoted: candidateSchema.optional(),
  /** The last decisions of people that were answered, so that a crash before the answer was written does not decide twice. */
  answered: z
    .array(z.object({ uid: z.string(), outcome: z.enum(['Applied', 'Ignored']), message: z.string(), at: z.string() }))
    .optional(),
  /** The last releases, newest first. */
  history: z.array(releaseSchema),
});

export type RolloutRecord = z.output<typeof rolloutRecordSchema>;
