/**
 * What people see of a rollout, on the terminal, as JSON and in a browser alike. Computed from the Canary alone: everything shown
 * comes from the API server.
 */

import type { Canary } from '../canary/canary.schema.ts';
import type { Release, RolloutRecord } from '../canary/rollout-record.ts';
import { describeMatch } from './describe-match.ts';

export type StageState = 'passed' | 'active' | 'pending' | 'failed';

export type StageView = {
  name: string;
  /** Percentage of the unmatched traffic. */
  weight: number;
  /** Requests that all go to the canary, in words: `user-type=internal`. */
  match?: string;
  mirrorPercent: number;
  /** How long the stage lasts at least, in milliseconds. */
  durationMs: number;
  iterations: number;
  approval: boolean;
  state: StageState;
  startedAt?: string;
  endedAt?: string;
};

export type CheckView = {
  metric: string;
  verdict: 'pass' | 'fail' | 'inconclusive';
  value?: number;
  bounds: { min?: number; max?: number };
  reason: string;
};

export type WaitingView = { kind: string; text: string; gate?: string; until?: string };

export type RolloutView = {
  name: string;
  namespace: string;
  /** `Deployment/hello` */
  target: string;
  /** Flagger's phase; empty before the controller has seen the Canary. */
  phase: string;
  state: string;
  since?: string;
  /** Percentage of the unmatched traffic that the canary gets now. */
  weight: number;
  revision?: string;
  promotedRevision?: string;
  /** Generation of the target that `revision` was computed from. */
  generation?: number;
  stages: readonly StageView[];
  failures: { count: number; limit: number };
  checks: readonly CheckView[];
  waitingFor?: WaitingView;
  paused?: { by: string; reason: string; at: string };
  suspended: boolean;
  outcome?: string;
  /** Why the last decision was taken, as a sentence. */
  reason: string;
  startedAt?: string;
  history: readonly Release[];
};

/** The view of one Canary. */
export function rolloutView(canary: Canary): RolloutView {
  const { metadata, spec, status } = canary;
  const record = status?.rollout;
  const view: RolloutView = {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    target: `${spec.targetRef.kind}/${spec.targetRef.name}`,
    phase: status?.phase ?? '',
    state: record?.state ?? 'unseen',
    weight: status?.canaryWeight ?? 0,
    stages: record === undefined ? [] : stageViews(record),
    failures: { count: status?.failedChecks ?? 0, limit: record?.plan?.threshold ?? spec.analysis.threshold },
    checks: (record?.checks ?? []).map(({ metric, bounds, verdict }) => ({
      metric,
      bounds,
      verdict: verdict.kind,
      reason: verdict.reason,
      ...('value' in verdict && verdict.value !== undefined ? { value: verdict.value } : {}),
    })),
    suspended: spec.suspend === true,
    reason: record?.reason ?? '',
    history: record?.history ?? [],
  };
  return record === undefined ? view : { ...view, ...presentParts(record) };
}

/** Fields that are there only when the record has them. */
function presentParts(record: RolloutRecord): Partial<RolloutView> {
  const parts: Partial<RolloutView> = { since: record.since };
  if (record.revision !== undefined) parts.revision = record.revision;
  if (record.promotedRevision !== undefined) parts.promotedRevision = record.promotedRevision;
  if (record.generation !== undefined) parts.generation = record.generation;
  if (record.paused !== undefined) parts.paused = record.paused;
  if (record.outcome !== undefined) parts.outcome = record.outcome;
  if (record.startedAt !== undefined) parts.startedAt = record.startedAt;
  if (record.waitingFor !== undefined) {
    const { kind, text, gate, until } = record.waitingFor;
    parts.waitingFor = {
      kind,
      text,
      ...(gate === undefined ? {} : { gate }),
      ...(until === undefined ? {} : { until }),
    };
  }
  return parts;
}

function stageViews({ plan, stages: progress, stageIndex, state, outcome }: RolloutRecord): StageView[] {
  return (plan?.stages ?? []).map((stage, index) => {
    const seen = progress[index];
    const match = describeMatch(stage.match);
    return {
      name: stage.name,
      weight: stage.weight,
      ...(match === undefined ? {} : { match }),
      mirrorPercent: stage.mirrorPercent,
      durationMs: stage.durationMs,
      iterations: stage.iterations,
      approval: stage.approval,
      state: stageState(seen, { isCurrent: index === stageIndex, isOver: outcome !== undefined, state }),
      ...(seen?.startedAt === undefined ? {} : { startedAt: seen.startedAt }),
      ...(seen?.endedAt === undefined ? {} : { endedAt: seen.endedAt }),
    };
  });
}

const STATES_OF_A_STAGE: ReadonlySet<RolloutRecord['state']> = new Set(['routing', 'analysing', 'awaitingApproval']);

function stageState(
  seen: RolloutRecord['stages'][number] | undefined,
  { isCurrent, isOver, state }: { isCurrent: boolean; isOver: boolean; state: RolloutRecord['state'] },
): StageState {
  if (seen?.outcome === 'passed') return 'passed';
  if (seen?.outcome === 'failed' || seen?.outcome === 'left') return 'failed';
  if (isCurrent && !isOver && STATES_OF_A_STAGE.has(state)) return 'active';
  return seen === undefined ? 'pending' : 'passed';
}
