/**
 * One turn of one Canary: gather → decide → save → act → announce. A crash between any two costs a turn, never a decision: what was
 * decided stands in the status before anything is done about it.
 */

import { newRollout } from '../canary/advance.ts';
import type { Canary, CanaryStatus } from '../canary/canary.schema.ts';
import { CANARY } from '../canary/canary.schema.ts';
import { flaggerStatus } from '../canary/flagger-status.ts';
import { isEvidenceDue, isResting, wakeAt } from '../canary/next-event.ts';
import type { Observed } from '../canary/observed.ts';
import { parseRecord, persist, restore } from '../canary/persisted-rollout.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import { ROLLOUT_ACTION, type RolloutAction } from '../canary/rollout-action.schema.ts';
import { stageOf } from '../canary/rollout-context.ts';
import type { RolloutRecord } from '../canary/rollout-record.ts';
import { waitingFor } from '../canary/waiting-for.ts';
import { isConflict } from '../kube/kube-client.ts';
import { type Clock, type EpochMs, toRfc3339 } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { objectKey } from '../lib/resource.ts';
import type { WebhookTools } from '../notify/webhook.ts';
import { act, type Hands } from './act.ts';
import { type AskedGates, askGates, takeBack } from './ask-gates.ts';
import { type Accepted, acceptCanary, refusedStatus } from './canary-problem.ts';
import { canonicalJson } from './canonical-json.ts';
import { Decisions, type Outcome } from './decide.ts';
import type { EventRecorder } from './event-recorder.ts';
import { evidenceRound, type MetricsProviderFor } from './evidence-round.ts';
import { gather, type World } from './gather.ts';
import { type HandBackProgress, handBack } from './hand-back.ts';
import { askAll, rollbackAsked, tell } from './rollout-webhooks.ts';
import { sendAlerts } from './send-alerts.ts';

/** Keeps a Canary until its target serves again. */
const FINALIZER = 'sluice.dev/hand-back';
const CONFLICT_RETRY_MS = 50;
const ANSWERS_REMEMBERED = 10;

export type Shell = Hands & {
  clock: Clock;
  random: () => number;
  logger: Logger;
  events: EventRecorder;
  metricsProvider: MetricsProviderFor;
  meshProvider: string;
  drainMs: number;
  /** The newest Canary that was written here, until the cache has caught up. */
  saved: Map<string, Canary>;
  /** RolloutActions, by uid, that were answered here, until the cache has caught up. */
  answered: Set<string>;
  handBacks: Map<string, HandBackProgress>;
  asked: AskedGates;
  /** Rounds of checks under way: a person who decides does not wait for a slow metrics server. */
  rounds: Map<string, AbortController>;
};

/** @returns when the Canary is to be looked at again, if time alone makes something happen */
export async function rolloutTurn(key: string, signal: AbortSignal, shell: Shell): Promise<EpochMs | undefined> {
  const found = newestCanary(key, shell);
  if (found === undefined) return undefined;
  try {
    return await turnOf(found, signal, shell);
  } catch (thrown) {
    // Somebody wrote in between: everything is decided again from what is there now.
    if (isConflict(thrown)) return shell.clock.now() + CONFLICT_RETRY_MS;
    throw thrown;
  }
}

async function turnOf(found: Canary, signal: AbortSignal, shell: Shell): Promise<EpochMs | undefined> {
  const accepted = acceptCanary(found, shell.caches.canaries.list(found.metadata.namespace), shell.meshProvider);
  if (!accepted.ok) {
    if (found.metadata.deletionTimestamp !== undefined) return removeFinalizer(found, shell);
    const status = refusedStatus(found, accepted, toRfc3339(shell.clock.now()));
    if (await save(found, status, shell)) shell.events.record(found, { type: 'Warning', message: accepted.message });
    return undefined;
  }
  const canary = await withFinalizer(found, shell);
  const world = worldNow(canary, accepted, shell);
  const snapshot = snapshotOf(canary, shell);
  if (snapshot === undefined) return undefined;
  const decisions = new Decisions(canary.metadata.name, snapshot);
  decisions.follow(world.observed);
  decisions.obey(pendingActions(canary, shell), canary, world.observed);
  const tools = { clock: shell.clock, random: shell.random, signal };
  const askAt = await askGates(world, decisions, { asked: shell.asked, tools });
  const observed = await judge(world, decisions, tools, shell);
  const current = { ...world, observed };

  await save(canary, statusOf(current, decisions), shell);
  announce(current, decisions, { shell, tools });
  await writeOutcomes(decisions, shell);
  if (decisions.snapshot.value === 'terminating') return finish(current, shell);
  if (!observed.suspended) await act(current, decisions.snapshot, shell);
  const wake = wakeAt(decisions.snapshot, observed);
  return askAt === undefined ? wake : Math.min(askAt, wake ?? askAt);
}

/** Events, and the webhooks that want to be told; nobody waits for either. */
function announce(
  world: World,
  { announcements, snapshot, started }: Decisions,
  { shell, tools }: { shell: Shell; tools: WebhookTools },
): void {
  const at = world.observed.at;
  const warn = (thrown: unknown) => shell.logger.warn({ error: messageOf(thrown) }, 'webhook not called');
  for (const announcement of announcements) {
    shell.events.record(world.canary, announcement);
    tell(world, announcement, { snapshot, tools, at }).catch(warn);
    sendAlerts(world, announcement, { caches: shell.caches, tools })
      .then((failures) => {
        for (const message of failures) shell.events.record(world.canary, { type: 'Warning', message });
      })
      .catch(warn);
  }
  const isOver = snapshot.value === 'succeeded' || snapshot.value === 'rolledBack';
  if (isResting(started.value) || !isOver) return;
  askAll(world, 'post-rollout', { snapshot, tools })
    .then((checks) => {
      for (const { metric, verdict } of checks) {
        if (verdict.kind !== 'fail') continue;
        shell.events.record(world.canary, {
          type: 'Warning',
          message: `post-rollout ${metric} failed: ${verdict.reason}`,
        });
      }
    })
    .catch(warn);
}

function worldNow(canary: Canary, { spec, plan }: Accepted, { caches, clock, drainMs }: Shell): World {
  return gather({ canary, spec, plan, caches, at: clock.now(), drainMs });
}

function snapshotOf({ status, metadata }: Canary, { clock, logger }: Shell): RolloutSnapshot {
  if (status?.rollout === undefined) return newRollout(clock.now());
  const record = parseRecord(status.rollout);
  if (record.ok) return restore(record.value);
  logger.error(
    { canary: metadata.name, namespace: metadata.namespace, issues: record.issues },
    'rollout record refused',
  );
  return newRollout(clock.now());
}

/** Runs a round of checks when one is due; time goes on meanwhile, and so does the world. */
async function judge(world: World, decisions: Decisions, tools: WebhookTools, shell: Shell): Promise<Observed> {
  const { canary, spec, namespace, observed } = world;
  const stage = stageOf(decisions.snapshot.context);
  if (stage === undefined || !isEvidenceDue(decisions.snapshot, observed)) return observed;
  const { snapshot } = decisions;
  const interrupt = new AbortController();
  shell.rounds.set(objectKey(canary.metadata), interrupt);
  const signal = AbortSignal.any([tools.signal, interrupt.signal]);
  const rollback = await rollbackAsked(world, { snapshot, tools });
  const hooks = await askAll(world, 'rollout', { snapshot, tools });
  const measured = await evidenceRound({
    ...{ spec, namespace, stage, signal, name: canary.metadata.name },
    templates: shell.caches.metricTemplates,
    providerFor: shell.metricsProvider,
  });
  shell.rounds.delete(objectKey(canary.metadata));
  tools.signal.throwIfAborted();
  const checks = [...hooks, ...measured];
  const later = { ...observed, at: shell.clock.now() };
  if (rollback !== undefined) takeBack(decisions, later, rollback);
  // A decision that a person took while the queries ran comes before what they say.
  decisions.obey(pendingActions(canary, shell, decisions), canary, later);
  if (!interrupt.signal.aborted && isEvidenceDue(decisions.snapshot, later))
    decisions.hear({ type: 'evidence.judged', at: later.at, checks });
  decisions.follow(later);
  return later;
}

function statusOf({ canary, observed }: World, { snapshot, outcomes }: Decisions): CanaryStatus {
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
async function save(canary: Canary, status: CanaryStatus, shell: Shell): Promise<boolean> {
  if (canonicalJson(status) === canonicalJson(canary.status ?? {})) return false;
  const answer = await shell.client.replace<Canary>(CANARY, { ...canary, status }, { subresource: 'status' });
  shell.saved.set(objectKey(canary.metadata), answer);
  return true;
}

/** The cache may lag behind what was written here; deciding on the older one would decide twice. */
function newestCanary(key: string, { caches, saved, handBacks }: Shell): Canary | undefined {
  const slash = key.indexOf('/');
  const cached = caches.canaries.get(key.slice(0, slash), key.slice(slash + 1));
  const own = saved.get(key);
  if (cached === undefined) {
    saved.delete(key);
    handBacks.delete(key);
    return undefined;
  }
  if (own === undefined || own.metadata.uid !== cached.metadata.uid) return cached;
  return versionOf(own) > versionOf(cached) ? own : cached;
}

function versionOf({ metadata }: Canary): bigint {
  return /^\d+$/.test(metadata.resourceVersion ?? '') ? BigInt(metadata.resourceVersion ?? '0') : 0n;
}

async function withFinalizer(canary: Canary, shell: Shell): Promise<Canary> {
  const { finalizers = [], deletionTimestamp } = canary.metadata;
  if (deletionTimestamp !== undefined || finalizers.includes(FINALIZER)) return canary;
  return writeFinalizers(canary, [...finalizers, FINALIZER], shell);
}

async function removeFinalizer(canary: Canary, shell: Shell): Promise<undefined> {
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

async function finish(world: World, shell: Shell): Promise<EpochMs | undefined> {
  const { canary } = world;
  if (!(canary.metadata.finalizers ?? []).includes(FINALIZER)) return undefined;
  const key = objectKey(canary.metadata);
  const progress = shell.handBacks.get(key) ?? {};
  shell.handBacks.set(key, progress);
  const answer = await handBack(world, progress, shell);
  if (!answer.done) return answer.wakeAt;
  // What was saved in this turn has moved the resource version.
  return removeFinalizer(shell.saved.get(key) ?? canary, shell);
}

/** Each decision of a person is answered once, although the cache shows the answer a moment later. */
function pendingActions({ metadata }: Canary, { caches, answered }: Shell, decided?: Decisions): RolloutAction[] {
  const known = new Set(decided?.outcomes.map(({ action }) => action.metadata.uid));
  const all = caches.actions.list(metadata.namespace).filter(({ spec }) => spec.canary === metadata.name);
  for (const action of all) if (action.status?.outcome !== undefined) answered.delete(action.metadata.uid ?? '');
  return all
    .filter(
      ({ metadata: { uid = '' }, status }) => status?.outcome === undefined && !answered.has(uid) && !known.has(uid),
    )
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)));
}

function orderOf({ metadata }: RolloutAction): string {
  return `${metadata.creationTimestamp ?? ''} ${(metadata.resourceVersion ?? '').padStart(20, '0')}`;
}

async function writeOutcomes({ outcomes }: Decisions, { client, answered }: Shell): Promise<void> {
  for (const { action, status } of outcomes) {
    const { name, namespace } = action.metadata;
    const ref = namespace === undefined ? { name } : { name, namespace };
    answered.add(action.metadata.uid ?? '');
    await client.patch(ROLLOUT_ACTION, ref, { status }, { strategy: 'merge', subresource: 'status' });
  }
}
