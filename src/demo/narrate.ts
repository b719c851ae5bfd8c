/** What happened between two looks at a rollout, as lines for people who have no live picture. Pure. */

import { boundsText } from '../view/render-tree.ts';
import type { RolloutView, StageView } from '../view/rollout-view.ts';

/** Lines in the order in which a person would tell it; empty when nothing worth a line changed. */
export function narrate(before: RolloutView | undefined, now: RolloutView): string[] {
  const lines: string[] = [];
  if (before?.phase !== now.phase && now.phase !== '') lines.push(`${now.name}: ${now.phase}`);
  const stage = activeStage(now);
  if (stage !== undefined && activeStage(before)?.name !== stage.name) lines.push(`  stage ${stageText(stage)}`);
  for (const [index, check] of now.checks.entries()) {
    const previous = before?.checks[index];
    if (previous?.verdict === check.verdict && previous.metric === check.metric) continue;
    lines.push(`  check ${check.metric}: ${check.verdict}, ${check.reason} ${boundsText(check.bounds)}`.trimEnd());
  }
  if (now.failures.count > (before?.failures.count ?? 0))
    lines.push(`  failed checks: ${now.failures.count} of ${now.failures.limit}`);
  if (now.waitingFor?.kind === 'gate' && before?.waitingFor?.gate !== now.waitingFor.gate)
    lines.push(`  waiting: ${now.waitingFor.text}`);
  if (isOver(now) && !isOver(before) && now.reason !== '') lines.push(`  ${now.reason}`);
  return lines;
}

function activeStage(view: RolloutView | undefined): StageView | undefined {
  return view?.stages.find(({ state }) => state === 'active');
}

function stageText({ name, weight, match }: StageView): string {
  return `${name}: ${weight} %${match === undefined ? '' : ` and all requests with ${match}`}`;
}

function isOver(view: RolloutView | undefined): boolean {
  return view?.phase === 'Succeeded' || view?.phase === 'Failed';
}
