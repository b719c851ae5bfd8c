/** The webhooks of a Canary: whom a gate asks, whom a round asks, and who is told (flagger.md 6.1, 6.2). */

import type { WebhookSpec, WebhookType } from '../canary/canary-analysis.schema.ts';
import { phaseOf } from '../canary/flagger-status.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import { pendingGates, stageOf } from '../canary/rollout-context.ts';
import { shortHash } from '../lib/canonical-json.ts';
import type { EpochMs } from '../lib/clock.ts';
import { parseDuration } from '../lib/duration.ts';
import type { CheckResult } from '../metrics/verdict.ts';
import { callWebhook, type WebhookAnswer, type WebhookTools } from '../notify/webhook.ts';
import type { Announcement } from './announcements.ts';
import type { World } from './gather.ts';

const TIMEOUT_MS_DEFAULT = 10_000;

/** The webhook type that opens the gate now waited for; `undefined` when a person, or nobody, is asked. */
export function askedGate({ value, context }: RolloutSnapshot): WebhookType | undefined {
  const [gate] = pendingGates(value, context);
  if (gate === undefined || (value === 'awaitingApproval' && gate === stageOf(context)?.name)) return undefined;
  return context.plan?.webhookGates.some(({ type }) => type === gate) === true ? (gate as WebhookType) : undefined;
}

export function webhooksOf({ spec }: World, type: WebhookType): WebhookSpec[] {
  return (spec.analysis.webhooks ?? []).filter((webhook) => (webhook.type || 'rollout') === type);
}

/** Asks in the order of the Canary, and no further than the first that refuses. */
export async function askAll(
  world: World,
  type: WebhookType,
  { snapshot, tools }: { snapshot: RolloutSnapshot; tools: WebhookTools },
): Promise<CheckResult[]> {
  const checks: CheckResult[] = [];
  for (const webhook of webhooksOf(world, type)) {
    const answer = await ask(world, webhook, { snapshot, tools });
    checks.push(asCheck(webhook, answer));
    if (!answer.ok) break;
  }
  return checks;
}

/** A rollback webhook means the opposite: success asks for the rollback. */
export async function rollbackAsked(
  world: World,
  { snapshot, tools }: { snapshot: RolloutSnapshot; tools: WebhookTools },
): Promise<string | undefined> {
  for (const webhook of webhooksOf(world, 'rollback')) {
    const answer = await ask(world, webhook, { snapshot, tools });
    if (answer.ok) return webhook.name;
  }
  return undefined;
}

/** Tells the `event` webhooks what was announced; nobody waits for them. */
export async function tell(
  world: World,
  { type, message }: Announcement,
  { snapshot, tools, at }: { snapshot: RolloutSnapshot; tools: WebhookTools; at: EpochMs },
): Promise<WebhookAnswer[]> {
  const metadata = { eventMessage: message, eventType: type, timestamp: String(at) };
  return Promise.all(
    webhooksOf(world, 'event').map((webhook) =>
      ask(world, { ...webhook, metadata: { ...webhook.metadata, ...metadata } }, { snapshot, tools }),
    ),
  );
}

function ask(
  { canary, namespace }: World,
  webhook: WebhookSpec,
  { snapshot, tools }: { snapshot: RolloutSnapshot; tools: WebhookTools },
): Promise<WebhookAnswer> {
  const { context } = snapshot;
  const { name, metadata, url, timeout, retries = 0, disableTLS = false } = webhook;
  const revision = context.candidate?.revision ?? '';
  const round = [context.stageIndex, context.failures, context.passes, context.inconclusive];
  return callWebhook(
    {
      url,
      body: {
        name: canary.metadata.name,
        namespace,
        phase: phaseOf(snapshot),
        checksum: revision,
        ...(metadata !== undefined && { metadata }),
      },
      timeoutMs: (timeout === undefined ? undefined : parseDuration(timeout)) ?? TIMEOUT_MS_DEFAULT,
      retries,
      disableTLS,
      idempotencyKey: shortHash([
        canary.metadata.uid,
        revision,
        name,
        webhook.type ?? '',
        snapshot.value,
        round,
        metadata,
      ]),
    },
    tools,
  );
}

function asCheck({ name }: WebhookSpec, answer: WebhookAnswer): CheckResult {
  const metric = `webhook ${name}`;
  if (answer.ok) return { metric, bounds: {}, verdict: { kind: 'pass', value: 1, reason: 'The webhook agreed' } };
  return { metric, bounds: {}, verdict: { kind: 'fail', value: 0, reason: answer.reason } };
}
