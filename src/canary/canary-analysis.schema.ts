/**
 * `spec.analysis` of a Canary: how much traffic the new version gets, when, and what must be true meanwhile. Field for field
 * Flagger's v1beta1 (its CRD says `number` where whole numbers are meant, so does this), plus `stages`, `onNoData` and `judge`.
 */

import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';

/** A Go duration that parses; the API server's pattern alone would let `5minutes` pass. */
export const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as 30s or 5m' })
  // What an API server can say of it: Flagger's pattern, with the units that it lacks.
  .meta({ pattern: '^[0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h)' });

const MATCH_KINDS = ['exact', 'prefix', 'suffix', 'regex'] as const;

/** How one string is compared; exactly one of the four is given. */
export const stringMatchSchema = z
  .object({
    exact: z.string().optional(),
    prefix: z.string().optional(),
    suffix: z.string().optional(),
    regex: z.string().optional(),
  })
  .refine((match) => MATCH_KINDS.filter((kind) => match[kind] !== undefined).length === 1, {
    error: 'must have exactly one of exact, prefix, suffix, regex',
  });

/** Which requests are meant, in the words of Istio's HTTPMatchRequest. */
export const httpMatchSchema = z.object({
  name: z.string().optional(),
  uri: stringMatchSchema.optional(),
  scheme: stringMatchSchema.optional(),
  method: stringMatchSchema.optional(),
  authority: stringMatchSchema.optional(),
  headers: z.record(z.string(), stringMatchSchema).optional(),
  port: z.number().optional(),
  sourceLabels: z.record(z.string(), z.string()).optional(),
  gateways: z.array(z.string()).optional(),
  queryParams: z.record(z.string(), stringMatchSchema).optional(),
  ignoreUriCase: z.boolean().optional(),
  withoutHeaders: z.record(z.string(), stringMatchSchema).optional(),
  sourceNamespace: z.string().optional(),
});

export type HttpMatch = z.output<typeof httpMatchSchema>;

export const metricSchema = z.object({
  name: z.string().min(1),
  interval: durationSchema.optional(),
  threshold: z.number().optional(),
  thresholdRange: z.object({ min: z.number().optional(), max: z.number().optional() }).optional(),
  query: z.string().optional(),
  templateRef: z.object({ name: z.string(), namespace: z.string().optional() }).optional(),
  templateVariables: z.record(z.string(), z.string()).optional(),
});

export type MetricSpec = z.output<typeof metricSchema>;

/** An absent type means `rollout`, and so does an empty one. */
const WEBHOOK_TYPES = [
  '',
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-promotion',
  'post-rollout',
  'event',
  'rollback',
  'confirm-traffic-increase',
] as const;

export const webhookSchema = z.object({
  name: z.string(),
  url: z.string(),
  type: z.enum(WEBHOOK_TYPES).optional(),
  muteAlert: z.boolean().optional(),
  timeout: durationSchema.optional(),
  retries: z.number().optional(),
  disableTLS: z.boolean().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

export type WebhookType = (typeof WEBHOOK_TYPES)[number];
export type WebhookSpec = z.output<typeof webhookSchema>;

const alertSchema = z.object({
  name: z.string(),
  providerRef: z.object({ name: z.string(), namespace: z.string().optional() }),
  severity: z.enum(['', 'info', 'warn', 'error']).optional(),
});

export type AlertSpec = z.output<typeof alertSchema>;

const sessionAffinitySchema = z.object({
  cookieName: z.string(),
  maxAge: z.number().optional(),
  primaryCookieName: z.string().optional(),
  domain: z.string().optional(),
  httpOnly: z.boolean().optional(),
  partitioned: z.boolean().optional(),
  path: z.string().optional(),
  sameSite: z.enum(['Strict', 'Lax', 'None']).optional(),
  secure: z.boolean().optional(),
});

const percentSchema = z.number().min(0, 'must be 0 to 100').max(100, 'must be 0 to 100');

/** One stage of a rollout, as a person writes it. */
export const stageSchema = z.object({
  name: z.string().min(1).max(63).optional(),
  /** Percent of the traffic that no `match` claims. */
  weight: percentSchema.optional(),
  /** Requests that go to the canary whatever the weight. */
  match: z.array(httpMatchSchema).optional(),
  /** Percent of the requests of which the canary gets a copy. */
  mirror: percentSchema.optional(),
  duration: durationSchema.optional(),
  iterations: z.number().min(1).optional(),
  approval: z.enum(['required', 'none']).optional(),
  /** Checks of this stage instead of `analysis.metrics`. */
  metrics: z.array(metricSchema).optional(),
});

export type StageSpec = z.output<typeof stageSchema>;

/** Exactly one of these says how traffic moves: Flagger's `oneOf`, with a fourth alternative. */
export const ANALYSIS_STRATEGIES = ['iterations', 'stepWeight', 'stepWeights', 'stages'] as const;

export const analysisSchema = z
  .object({
    interval: durationSchema,
    threshold: z.number(),
    iterations: z.number().optional(),
    maxWeight: z.number().optional(),
    stepWeight: z.number().optional(),
    stepWeights: z.array(z.number()).optional(),
    stepWeightPromotion: z.number().optional(),
    stages: z.array(stageSchema).min(1).optional(),
    mirror: z.boolean().optional(),
    mirrorWeight: z.number().optional(),
    primaryReadyThreshold: z.number().optional(),
    canaryReadyThreshold: z.number().optional(),
    match: z.array(httpMatchSchema).optional(),
    metrics: z.array(metricSchema).optional(),
    webhooks: z.array(webhookSchema).optional(),
    alerts: z.array(alertSchema).optional(),
    sessionAffinity: sessionAffinitySchema.optional(),
    /** What a round without data means; the default is `hold`, which ends in a rollback after the progress deadline. */
    onNoData: z.enum(['hold', 'fail', 'pass']).optional(),
    judge: z.looseObject({}).optional(),
  })
  .superRefine((analysis, context) => {
    const given = ANALYSIS_STRATEGIES.filter((field) => analysis[field] !== undefined);
    if (given.length === 1) return;
    context.addIssue({
      code: 'custom',
      path: [],
      message: `must have exactly one of ${ANALYSIS_STRATEGIES.join(', ')}; found ${given.join(' and ') || 'none'}`,
    });
  });

export type AnalysisSpec = z.output<typeof analysisSchema>;
