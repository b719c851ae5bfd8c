/** Tells people what a turn decided: Events, webhooks and alerts. Nobody waits for any of them. */

import { isResting } from '../canary/next-event.ts';
import { messageOf } from '../lib/errors.ts';
import type { WebhookTools } from '../notify/webhook.ts';
import type { Decisions } from './decide.ts';
import type { World } from './gather.ts';
import { askAll, tell } from './rollout-webhooks.ts';
import { sendAlerts } from './send-alerts.ts';
import type { Shell } from './shell.ts';

export function announce(
  world: World,
  { announcements, snapshot, started }: Decisions,
  { shell, tools }: { shell: Shell; tools: WebhookTools },
): void {
  const at = world.observed.at;
  const warn = (thrown: unknown) => shell.logger.warn({ error: messageOf(thrown) }, 'webhook not called');
  for (const announcement of announcements) {
    shell.record(world.canary, announcement);
    tell(world, announcement, { snapshot, tools, at }).catch(warn);
    sendAlerts(world, announcement, { caches: shell.caches, tools })
      .then((failures) => {
        for (const message of failures) shell.record(world.canary, { type: 'Warning', message });
      })
      .catch(warn);
  }
  const isOver = snapshot.value === 'succeeded' || snapshot.value === 'rolledBack';
  if (isResting(started.value) || !isOver) return;
  askAll(world, 'post-rollout', { snapshot, tools })
    .then((checks) => {
      for (const { metric, verdict } of checks) {
        if (verdict.kind !== 'fail') continue;
        shell.record(world.canary, {
          type: 'Warning',
          message: `post-rollout ${metric} failed: ${verdict.reason}`,
        });
      }
    })
    .catch(warn);
}
