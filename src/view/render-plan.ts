/** What a rollout will do, before anything rolls: stages, checks, gates, and how long it takes when all goes well. Pure. */

import { expectedDurationMs, type RolloutPlan, type Stage, stageDurationMs } from '../canary/rollout-plan.ts';
import { formatDuration } from '../lib/duration.ts';
import { describeMatch } from './describe-match.ts';
import { boundsText } from './render-tree.ts';

const STRATEGY_NAMES: Record<RolloutPlan['strategy'], string> = {
  canary: 'progressive weights',
  stages: 'stages',
  'ab-testing': 'A/B testing',
  'blue-green': 'blue/green',
  skip: 'promotion without analysis',
};

export type PlanSubject = { name: string; namespace: string; target: string };

/** Lines without a final line feed. */
export function renderPlan({ namespace, name, target }: PlanSubject, plan: RolloutPlan): string {
  const { strategy, stages, intervalMs, threshold, deadlineMs, onNoData } = plan;
  const gates = stages.filter(({ approval }) => approval).length;
  return [
    `Canary ${namespace}/${name} of ${target}: ${STRATEGY_NAMES[strategy]}`,
    '',
    `  0. start      the new version starts beside the primary; at most ${formatDuration(deadlineMs)} to become ready`,
    ...stages.flatMap((stage, index) => stageLines(stage, index + 1, intervalMs)),
    `  ${stages.length + 1}. promote    the primary becomes what was analysed, traffic returns to it, the canary is scaled down`,
    '',
    `Checks run every ${formatDuration(intervalMs)}; ${threshold} failed ${threshold === 1 ? 'check takes' : 'checks take'} the version back. ${NO_DATA_TEXT[onNoData](deadlineMs)}`,
    ...webhookLines(plan),
    `Expected duration: ${formatDuration(expectedDurationMs(plan))}, plus starting pods${gates > 0 ? ` and ${gates} ${gates === 1 ? 'approval' : 'approvals'}` : ''}.`,
  ].join('\n');
}

const NO_DATA_TEXT: Record<RolloutPlan['onNoData'], (deadlineMs: number) => string> = {
  hold: (deadlineMs) => `A check without data holds the rollout, and ends it after ${formatDuration(deadlineMs)}.`,
  fail: () => 'A check without data counts as failed.',
  pass: () => 'A check without data counts as passed.',
};

function stageLines(stage: Stage, number: number, intervalMs: number): string[] {
  const { name, weight, mirrorPercent, checks, approval } = stage;
  const match = describeMatch(stage.match);
  const traffic = [
    `${weight} % of ${match === undefined ? 'the traffic' : 'the rest'}`,
    ...(match === undefined ? [] : [`all requests with ${match}`]),
    ...(mirrorPercent > 0 ? [`a copy of ${mirrorPercent} %`] : []),
  ].reverse();
  const lasts = `at least ${formatDuration(stageDurationMs(stage, intervalMs))}`;
  return [
    `  ${number}. ${name.padEnd(10)} ${traffic.join(', ')}; ${lasts}`,
    ...checks.map(
      ({ metric, bounds, intervalMs: windowMs }) =>
        `       check    ${metric} ${boundsText(bounds)} over ${formatDuration(windowMs)}`,
    ),
    ...(approval ? [`       gate     approval of "${name}" by a person`] : []),
  ];
}

function webhookLines({ webhookGates }: RolloutPlan): string[] {
  return webhookGates.length === 0
    ? []
    : [`Webhooks that are waited for: ${webhookGates.map(({ name, type }) => `${name} (${type})`).join(', ')}.`];
}
