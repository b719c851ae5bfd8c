/** Sends what was announced to the AlertProviders that a Canary names. Nothing waits for them; what fails becomes an Event. */

import type { AlertSpec } from '../canary/canary-analysis.schema.ts';
import { shortHash } from '../lib/canonical-json.ts';
import { alertAddress, alertPayload } from '../notify/alert-payload.ts';
import { type AlertProviderSpec, alertProviderSpecSchema } from '../notify/alert-provider.schema.ts';
import { callWebhook, type WebhookTools } from '../notify/webhook.ts';
import type { Announcement, Severity } from './announcements.ts';
import type { ControllerCaches } from './controller-caches.ts';
import type { World } from './gather.ts';

const TIMEOUT_MS = 10_000;

/** An entry for `info`, or for nothing in particular, hears everything; one for `warn` hears errors too. */
export function hears({ severity }: Pick<AlertSpec, 'severity'>, alert: Severity): boolean {
  if (severity === undefined || severity === '' || severity === 'info') return true;
  return severity === alert || (severity === 'warn' && alert === 'error');
}

/** @returns one sentence for each alert that could not be sent */
export async function sendAlerts(
  world: World,
  { message, alert }: Announcement,
  { caches, tools }: { caches: ControllerCaches; tools: WebhookTools },
): Promise<string[]> {
  if (alert === undefined) return [];
  const entries = (world.spec.analysis.alerts ?? []).filter((entry) => hears(entry, alert));
  const results = await Promise.all(entries.map((entry) => sendOne(world, entry, { alert, message, caches, tools })));
  return results.filter((failure) => failure !== undefined);
}

async function sendOne(
  { canary, namespace, spec }: World,
  { name, providerRef }: AlertSpec,
  {
    alert,
    message,
    caches,
    tools,
  }: { alert: Severity; message: string; caches: ControllerCaches; tools: WebhookTools },
): Promise<string | undefined> {
  const place = providerRef.namespace ?? namespace;
  const parsed = alertProviderSpecSchema.safeParse(caches.alertProviders.get(place, providerRef.name)?.spec);
  if (!parsed.success)
    return `Alert ${name} not sent: AlertProvider ${place}/${providerRef.name} does not exist or is not valid`;
  const address = addressOf(parsed.data, place, caches);
  if (address === undefined) return `Alert ${name} not sent: AlertProvider ${place}/${providerRef.name} has no address`;
  const facts = [
    { name: 'Target', value: `${spec.targetRef.kind}/${spec.targetRef.name}.${namespace}` },
    { name: 'Failed checks threshold', value: String(spec.analysis.threshold) },
  ];
  const workload = `${canary.metadata.name}.${namespace}`;
  const body = alertPayload(parsed.data, { severity: alert, workload, message, facts });
  const url = alertAddress(parsed.data, address);
  const idempotencyKey = shortHash([canary.metadata.uid, name, message, canary.metadata.resourceVersion]);
  const answer = await callWebhook(
    { url, body, timeoutMs: TIMEOUT_MS, retries: 2, disableTLS: false, idempotencyKey },
    tools,
  );
  return answer.ok ? undefined : `Alert ${name} not sent: ${answer.reason}`;
}

/** The Secret's `address` wins over the one in the open. */
function addressOf(
  { address, secretRef }: AlertProviderSpec,
  namespace: string,
  caches: ControllerCaches,
): string | undefined {
  const encoded = secretRef === undefined ? undefined : caches.secrets.get(namespace, secretRef.name)?.data?.address;
  return encoded === undefined ? address : Buffer.from(encoded, 'base64').toString('utf8').trim();
}
