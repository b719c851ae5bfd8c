/** `sluice describe canary X`: everything about one rollout on one screen. */

import { formatDuration } from '../../lib/duration.ts';
import { renderHistory } from '../../view/render-history.ts';
import { renderTree } from '../../view/render-tree.ts';
import { rolloutView } from '../../view/rollout-view.ts';
import type { Style } from '../../view/style.ts';
import { ageSince } from '../age.ts';
import { EXIT } from '../exit-code.ts';
import { findCanary } from '../find-canary.ts';
import type { Session } from '../session.ts';
import type { Surroundings } from '../surroundings.ts';
import { podsOf, renderPods } from './canary-pods.ts';
import { eventsOf, renderEvents } from './events.ts';

const EVENTS_SHOWN = 15;

export async function describeCanary(
  name: string,
  session: Session,
  { stdout, clock, style }: Surroundings & { style: Style },
): Promise<number> {
  const canary = await findCanary(session, name);
  const view = rolloutView(canary);
  const now = clock.now();
  const events = (await eventsOf(canary, session)).slice(-EVENTS_SHOWN);
  const pods = await podsOf(canary, session);
  const { conditions = [] } = canary.status ?? {};
  const sections = [
    renderTree(view, { now, style }),
    [
      `Target:        ${view.target}${view.generation === undefined ? '' : `, generation ${view.generation}`}`,
      `Revision:      ${view.revision ?? '<none>'}`,
      `Promoted:      ${view.promotedRevision ?? '<none>'}`,
      `State:         ${view.state}${view.since === undefined ? '' : ` for ${ageSince(view.since, now)}`}`,
      `Interval:      ${canary.spec.analysis.interval}, threshold ${view.failures.limit}, deadline ${formatDuration((canary.spec.progressDeadlineSeconds ?? 600) * 1_000)}`,
      ...conditions.map(
        ({ type, status, reason, message }) => `Condition:     ${type}=${status} ${reason ?? ''}: ${message ?? ''}`,
      ),
    ].join('\n'),
    `Pods\n${pods.length === 0 ? '  <none>' : indent(renderPods(pods))}`,
    `History\n${indent(renderHistory(view, style))}`,
    `Events\n${events.length === 0 ? '  <none>' : indent(renderEvents(events, now))}`,
  ];
  stdout.write(`${sections.join('\n\n')}\n`);
  return EXIT.ok;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
