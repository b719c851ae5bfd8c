/**
 * The Canary as this controller last knew it: newest version, rollout record, status, finalizer. Everything is written under the
 * condition that nobody else has written in between.
 */

import { newRollout } from '../canary/advance.ts';
import { CANARY, type Canary, type CanaryStatus } from '../canary/canary.schema.ts';
import { flaggerStatus } from '../canary/flagger-status.ts';
import { parseRecord, persist, restore } from '../canary/persisted-rollout.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import type { RolloutRecord } from '../canary/rollout-record.ts';
import { waitingFor } from '../canary/waiting-for.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import { toRfc3339 } from '../lib/clock.ts';
import { objectKey } from '../lib/resource.ts';
import type { Decisions, Outcome } from './decide.ts';
import type { World } from './gather.ts';
import { isNewer } from './newest.ts';
import type { Shell } from './shell.ts';

/** Keeps a Canary until its target serves again. */
export const FINALIZER = 'sluice.dev/hand-back';
const ANSWERS_REMEMBERED = 10;

/** @returns `undefined` for a record that cannot be read: starting afresh would make an unanalysed revision the primary */
export function snapshotOf(canary: Canary, { clock, logger, record: tell }: Shell): RolloutSnapshot | undefined {
  const { status, metadata } = canary;
  if (status?.rollout === undefined) return newRollout(clock.now());
  const record = parseRecord(status.rollout);
  if (record.ok) return restore(record.value);
  const issues = record.issues.map(({ path, message }) => `status.rollout.${path} ${message}`).join('; ');
  logger.error({ canary: metadata.name, namespace: metadata.namespace, issues }, 'rollout record refused');
  const message = `The record of the rollout cannot be read, nothing is changed: ${issues}`;
  tell(canary, { type: 'Warning', message });
  return undefined;
}

export function statusOf({ canary, observed }: World, { snapshot, outcomes }: Decisions): CanaryStatus {
  const waiting = waitingFor(snapshot, observed);
  const record = persist(snapshot, waiting);
  const target = observed.target?.candidate;
  // The same revision at a later generation: somebody who waits for that generation must see it.
  const generation = target?.revision === record.revision ? target?.generation : record.generation;
  const status = flaggerStatus({
    snapshot,
    previous: canary.status,
    waitingFor: waiting,
    now: toRfc3339(observed.at),
    observedGeneration: canary.metadata.generation,
  });
  const answered = answersAfter(canary.status?.rollout?.answered ?? [], outcomes);
  return {
    ...status,
    rollout: { ...record, ...(generation !== undefined && { generation }), ...(answered.length > 0 && { answered }) },
  };
}

type Answered = NonNullable<RolloutRecord['answered']>;

function answersAfter(before: Answered, outcomes: readonly Outcome[]): Answered {
  const added = outcomes.map(({ action, status }) => ({
    uid: action.metadata.uid ?? '',
    outcome: status.outcome ?? 'Ignored',
    message: status.message ?? '',
    at: status.at ?? '',
  }));
  const uids = new Set(added.map(({ uid }) => uid));
  return [...before.filter(({ uid }) => !uids.has(uid)), ...added].slice(-ANSWERS_REMEMBERED);
}

/** @returns whether anything had to be written */
export async function save(canary: Canary, status: CanaryStatus, shell: Shell): Promise<boolean> {
  if (canonicalJson(status) === canonicalJson(canary.status ?? {})) return false;
  const answer = await shell.client.replace<Canary>(CANARY, { ...canary, status }, { subresource: 'status' });
  shell.saved.set(objectKey(canary.metadata), answer);
  return true;
}

export function newestCanary(key: string, { caches, saved, handBacks, clockMarks }: Shell): Canary | undefined {
  const slash = key.indexOf('/');
  const cached = caches.canaries.get(key.slice(0, slash), key.slice(slash + 1));
  const own = saved.get(key);
  if (cached === undefined) {
    saved.delete(key);
    handBacks.delete(key);
    clockMarks.delete(key);
    return undefined;
  }
  return own !== undefined && isNewer(own, cached) ? own : cached;
}

export async function withFinalizer(canary: Canary, shell: Shell): Promise<Canary> {
  const { finalizers = [], deletionTimestamp } = canary.metadata;
  if (deletionTimestamp !== undefined || finalizers.includes(FINALIZER)) return canary;
  return writeFinalizers(canary, [...finalizers, FINALIZER], shell);
}

export async function removeFinalizer(canary: Canary, shell: Shell): Promise<undefined> {
  const finalizers = canary.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) return;
  await writeFinalizers(
    canary,
    finalizers.filter((finalizer) => finalizer !== FINALIZER),
    shell,
  );
}

async function writeFinalizers(canary: Canary, finalizers: string[], { client, saved }: Shell): Promise<Canary> {
  const { name, namespace, resourceVersion } = canary.metadata;
  const ref = namespace === undefined ? { name } : { name, namespace };
  const patch = { metadata: { finalizers, resourceVersion } };
  const answer = await client.patch<Canary>(CANARY, ref, patch, { strategy: 'merge' });
  saved.set(objectKey(canary.metadata), answer);
  return answer;
}
