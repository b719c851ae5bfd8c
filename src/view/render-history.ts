/** The releases of a Canary, newest first. Pure. */

import { formatDuration } from '../lib/duration.ts';
import type { RolloutView } from './rollout-view.ts';
import type { Style } from './style.ts';

/** Lines without a final line feed. */
export function renderHistory({ history }: RolloutView, style: Style): string {
  if (history.length === 0) return 'No release yet';
  return history
    .flatMap(({ revision, outcome, reason, startedAt, endedAt, stages, approvals }) => [
      `${startedAt}  ${style(outcome === 'promoted' ? 'green' : 'red', outcome)}  revision ${revision}  in ${tookText(startedAt, endedAt)}`,
      `  ${reason}`,
      ...(stages.length === 0
        ? []
        : [
            `  stages: ${stages.map(({ name, outcome: end }) => `${name}${end === undefined ? '' : ` ${end}`}`).join(', ')}`,
          ]),
      ...approvals.map(
        ({ gate, by, reason: why, at }) => `  ${at}  ${gate} approved by ${by}${why === '' ? '' : `: ${why}`}`,
      ),
    ])
    .join('\n');
}

function tookText(startedAt: string, endedAt: string): string {
  return formatDuration(Math.max(0, Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000) * 1_000));
}
