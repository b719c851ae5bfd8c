/**
 * Strategies are data: `compilePlan` turns stepWeight, stepWeights, A/B, blue/green, mirroring, `stages` and skipAnalysis into one
 * list of stages, and one machine runs any list.
 */

import type { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';
import type { Issue, Parsed } from '../lib/issue.ts';
import type { CanarySpec } from './canary.schema.ts';
import type { AnalysisSpec, MetricSpec, StageSpec, WebhookType } from './canary-analysis.schema.ts';
import type { planRecordSchema } from './rollout-record.ts';

export type RolloutPlan = z.output<typeof planRecordSchema>;
export type Stage = RolloutPlan['stages'][number];
export type PlannedCheck = Stage['checks'][number];

/** Nothing is judged more often than this; Flagger's floor is ten seconds. */
const INTERVAL_MS_MIN = 1_000;
const METRIC_INTERVAL_MS_DEFAULT = 60_000;
const PROGRESS_DEADLINE_SECONDS_DEFAULT = 600;

/** Webhooks whose answer a rollout waits for. */
const GATING_WEBHOOKS: readonly WebhookType[] = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  '',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
];

/** The stages of a rollout with everything that decides about them, or every issue in the spec, with paths from `spec`. */
export function compilePlan(spec: CanarySpec): Parsed<RolloutPlan> {
  const { analysis } = spec;
  const issues: Issue[] = [];
  const intervalMs = Math.max(INTERVAL_MS_MIN, parseDuration(analysis.interval) ?? METRIC_INTERVAL_MS_DEFAULT);
  const stages = spec.skipAnalysis === true ? [] : stagesOf(analysis, intervalMs, issues);
  if (analysis.stages !== undefined) issues.push(...stageIssues(stages));
  if (issues.length > 0) return { ok: false, issues };
  return {
    ok: true,
    value: {
      strategy: spec.skipAnalysis === true ? 'skip' : strategyOf(analysis),
      stages,
      intervalMs,
      threshold: Math.max(1, Math.floor(analysis.threshold)),
      deadlineMs: (spec.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS_DEFAULT) * 1_000,
      onNoData: analysis.onNoData ?? 'hold',
      returnStep: analysis.stepWeightPromotion ?? 0,
      webhookGates: (analysis.webhooks ?? [])
        .filter(({ type = '' }) => GATING_WEBHOOKS.includes(type))
        .map(({ name, type }) => ({ name, type: type === undefined || type === '' ? 'rollout' : type })),
    },
  };
}

/** Flagger's rule: `match` and iterations is A/B testing, iterations alone is blue/green. */
export function strategyOf(analysis: AnalysisSpec): Exclude<RolloutPlan['strategy'], 'skip'> {
  if (analysis.stages !== undefined) return 'stages';
  if ((analysis.iterations ?? 0) > 0) return (analysis.match ?? []).length > 0 ? 'ab-testing' : 'blue-green';
  return 'canary';
}

/**
 * How long the rollout takes when every check passes at once, in milliseconds: a stage's checks begin one metric interval after
 * its weight is live, and are repeated every analysis interval. Starting pods and waiting for people come on top.
 */
export function expectedDurationMs({ stages, intervalMs }: RolloutPlan): number {
  return stages.reduce((total, stage) => total + stageDurationMs(stage, intervalMs), 0);
}

/** @returns milliseconds from the weight going live to the first check that may leave the stage */
export function stageDurationMs(stage: Stage, intervalMs: number): number {
  const firstMs = firstCheckMs(stage, intervalMs);
  const byIterationsMs = firstMs + (stage.iterations - 1) * intervalMs;
  const byDurationMs = firstMs + Math.max(0, Math.ceil((stage.durationMs - firstMs) / intervalMs)) * intervalMs;
  return Math.max(byIterationsMs, byDurationMs);
}

/** A check looks back one metric interval, so before that it would judge another stage's traffic. */
export function firstCheckMs({ checks }: Stage, intervalMs: number): number {
  return checks.length === 0 ? intervalMs : Math.max(...checks.map((check) => check.intervalMs));
}

function stagesOf(analysis: AnalysisSpec, intervalMs: number, issues: Issue[]): Stage[] {
  const checks = (analysis.metrics ?? []).map(plannedCheck);
  const base = { match: [], mirrorPercent: 0, durationMs: intervalMs, iterations: 1, checks, approval: false };
  switch (strategyOf(analysis)) {
    case 'stages':
      return (analysis.stages ?? []).map((stage, index) => writtenStage(stage, index, base));
    case 'ab-testing':
      return [
        { ...base, name: 'ab-test', weight: 0, match: analysis.match ?? [], ...iterationsOf(analysis, intervalMs) },
      ];
    case 'blue-green':
      return blueGreenStages(analysis, intervalMs, base);
    case 'canary':
      return [
        ...mirrorStage(analysis, base),
        ...weightsOf(analysis, issues).map((weight) => weightStage(weight, base)),
      ];
  }
}

type StageBase = Omit<Stage, 'name' | 'weight'>;

function writtenStage(stage: StageSpec, index: number, base: StageBase): Stage {
  const durationMs = stage.duration === undefined ? undefined : parseDuration(stage.duration);
  return {
    ...base,
    name: stage.name ?? `stage-${index + 1}`,
    weight: stage.weight ?? 0,
    match: stage.match ?? [],
    mirrorPercent: stage.mirror ?? 0,
    durationMs: durationMs ?? (stage.iterations === undefined ? base.durationMs : 0),
    iterations: stage.iterations ?? 1,
    checks: stage.metrics === undefined ? base.checks : stage.metrics.map(plannedCheck),
    approval: stage.approval === 'required',
  };
}

function iterationsOf(analysis: AnalysisSpec, intervalMs: number): Pick<Stage, 'iterations' | 'durationMs'> {
  const iterations = Math.max(1, Math.floor(analysis.iterations ?? 1));
  return { iterations, durationMs: iterations * intervalMs };
}

/** The canary is tested without live traffic (or with copies of it), then gets all of it for one round, then is promoted. */
function blueGreenStages(analysis: AnalysisSpec, intervalMs: number, base: StageBase): Stage[] {
  const mirrorPercent = analysis.mirror === true ? (analysis.mirrorWeight ?? 100) : 0;
  const tested = { ...base, name: 'green', weight: 0, mirrorPercent, ...iterationsOf(analysis, intervalMs) };
  return [tested, { ...base, name: 'switch', weight: 100 }];
}

function mirrorStage(analysis: AnalysisSpec, base: StageBase): Stage[] {
  if (analysis.mirror !== true) return [];
  return [{ ...base, name: 'mirror', weight: 0, mirrorPercent: analysis.mirrorWeight ?? 100 }];
}

function weightStage(weight: number, base: StageBase): Stage {
  return { ...base, name: `weight-${weight}`, weight };
}

function weightsOf({ stepWeight = 0, stepWeights, maxWeight }: AnalysisSpec, issues: Issue[]): number[] {
  if (stepWeights !== undefined) return ascendingWeights(stepWeights, issues);
  if (!(stepWeight > 0)) {
    const message = `must be above 0, or the rollout would never move: got ${stepWeight}`;
    issues.push({ path: 'spec.analysis.stepWeight', message });
    return [];
  }
  if (!Number.isInteger(stepWeight)) issues.push(notWhole('spec.analysis.stepWeight', stepWeight));
  const max = maxWeight === undefined || maxWeight <= 0 ? 100 : Math.min(100, maxWeight);
  return Array.from({ length: Math.ceil(max / stepWeight) }, (_, index) => Math.min(max, (index + 1) * stepWeight));
}

function ascendingWeights(weights: readonly number[], issues: Issue[]): number[] {
  if (weights.length === 0) issues.push({ path: 'spec.analysis.stepWeights', message: 'must have a weight: got []' });
  weights.forEach((weight, index) => {
    if (!Number.isInteger(weight)) issues.push(notWhole(`spec.analysis.stepWeights[${index}]`, weight));
    if (weight > (weights[index - 1] ?? 0)) return;
    const message = `must be above the weight before it: got ${weight}`;
    issues.push({ path: `spec.analysis.stepWeights[${index}]`, message });
  });
  return weights.map((weight) => Math.min(100, weight));
}

function notWhole(path: string, found: number): Issue {
  return { path, message: `must be a whole number of percent: got ${found}` };
}

function stageIssues(stages: readonly Stage[]): Issue[] {
  const names = new Set<string>();
  return stages.flatMap((stage, index) => {
    const path = `spec.analysis.stages[${index}]`;
    const issues: Issue[] = [];
    if (!Number.isInteger(stage.weight)) issues.push(notWhole(`${path}.weight`, stage.weight));
    if (names.has(stage.name)) issues.push({ path: `${path}.name`, message: `must be unique: got ${stage.name}` });
    names.add(stage.name);
    return issues;
  });
}

/** `thresholdRange` wins; the older `threshold` is a minimum of the success rate and a maximum of everything else. */
function plannedCheck(metric: MetricSpec): PlannedCheck {
  const check: PlannedCheck = {
    metric: metric.name,
    bounds: boundsOf(metric),
    intervalMs: Math.max(
      INTERVAL_MS_MIN,
      (metric.interval === undefined ? undefined : parseDuration(metric.interval)) ?? METRIC_INTERVAL_MS_DEFAULT,
    ),
  };
  if (metric.query !== undefined) check.query = metric.query;
  if (metric.templateRef !== undefined) check.templateRef = metric.templateRef;
  if (metric.templateVariables !== undefined) check.templateVariables = metric.templateVariables;
  return check;
}

function boundsOf({ name, threshold, thresholdRange }: MetricSpec): PlannedCheck['bounds'] {
  if (thresholdRange !== undefined) return thresholdRange;
  if (threshold === undefined) return {};
  return name === 'request-success-rate' ? { min: threshold } : { max: threshold };
}
