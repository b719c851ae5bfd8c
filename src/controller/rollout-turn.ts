/**
 * One turn of one Canary: gather → decide → save → act → announce. A crash between any two costs a turn, never a decision: what was
 * decided stands in the status before anything is done about it.
 */

import type { Canary } from '../canary/canary.schema.ts';
import { isEvidenceDue, wakeAt } from '../canary/next-event.ts';
import type { Observed } from '../canary/observed.ts';
import { rebase } from '../canary/rebase.ts';
import type { RolloutSnapshot } from '../canary/rollout.machine.ts';
import { ROLLOUT_ACTION, type RolloutAction } from '../canary/rollout-action.schema.ts';
import { stageOf } from '../canary/rollout-context.ts';
import { isAlreadyExists, isConflict } from '../kube/kube-client.ts';
import { type EpochMs, toRfc3339 } from '../lib/clock.ts';
import { objectKey } from '../lib/resource.ts';
import type { WebhookTools } from '../notify/webhook.ts';
import { act } from './act.ts';
import { adoptedRollout } from './adopt-flagger.ts';
import { announce } from './announce.ts';
import { askGates, takeBack } from './ask-gates.ts';
import { type Accepted, acceptCanary, refusedStatus } from './canary-problem.ts';
import { FINALIZER, newestCanary, removeFinalizer, save, snapshotOf, statusOf, withFinalizer } from './canary-store.ts';
import { jumpSince, setMark } from './clock-marks.ts';
import { Decisions } from './decide.ts';
import { evidenceRound } from './evidence-round.ts';
import { gather, type World } from './gather.ts';
import { handBack } from './hand-back.ts';
import { missingKinds } from './needed-kinds.ts';
import { askAll, askedGate, rollbackAsked } from './rollout-webhooks.ts';
import type { Shell } from './shell.ts';

const CONFLICT_RETRY_MS = 50;

/** @returns when the Canary is to be looked at again, if time alone makes something happen */
export async function rolloutTurn(key: string, signal: AbortSignal, shell: Shell): Promise<EpochMs | undefined> {
  const found = newestCanary(key, shell);
  if (found === undefined) return undefined;
  try {
    return await turnOf(found, signal, shell);
  } catch (thrown) {
    // Somebody wrote in between: everything is decided again from what is there now.
    if (isConflict(thrown) || isAlreadyExists(thrown)) return shell.clock.now() + CONFLICT_RETRY_MS;
    throw thrown;
  }
}

async function turnOf(found: Canary, signal: AbortSignal, shell: Shell): Promise<EpochMs | undefined> {
  const accepted = acceptCanary(found, shell.caches.canaries.list(found.metadata.namespace), shell.meshProvider);
  if (!accepted.ok) {
    if (found.metadata.deletionTimestamp !== undefined) return removeFinalizer(found, shell);
    const status = refusedStatus(found, accepted, toRfc3339(shell.clock.now()));
    if (await save(found, status, shell)) shell.record(found, { type: 'Warning', message: accepted.message });
    return undefined;
  }
  const missing = missingKinds(accepted.spec, shell.caches);
  if (missing.length > 0) return awaitKinds(found, missing, shell);
  const canary = await withFinalizer(found, shell);
  const world = worldNow(canary, accepted, shell);
  const stored = adoptedRollout(world) ?? snapshotOf(canary, shell);
  if (stored === undefined) return undefined;
  const key = objectKey(canary.metadata);
  const jumpMs = jumpSince(shell.clockMarks, key, shell.clock);
  const decisions = new Decisions(canary.metadata.name, rebase(stored, { at: world.observed.at, jumpMs }));
  decisions.follow(world.observed);
  decisions.obey(pendingActions(canary, shell), canary, world.observed);
  const tools = { clock: shell.clock, random: shell.random, signal };
  const { askAt, observed } = await hearOthers(world, decisions, tools, shell);
  const current = { ...world, observed };

  await save(canary, statusOf(current, decisions), shell);
  setMark(shell.clockMarks, key, shell.clock);
  announce(current, decisions, { shell, tools });
  const wake = await carryOut(current, decisions.snapshot, shell);
  // Last: if anything above fails, the answer stands in the record and is written by the next turn.
  await writeOutcomes(decisions, shell);
  return askAt === undefined ? wake : Math.min(askAt, wake ?? askAt);
}

/** Half a world looks like deleted objects, so nothing is decided; whoever looks is told what is missing. */
async function awaitKinds(found: Canary, missing: string[], shell: Shell): Promise<EpochMs | undefined> {
  const now = shell.clock.now();
  if (now < shell.missingFrom) return shell.missingFrom;
  const message = `The API server does not list ${missing.join(' and ')}, which this Canary needs: is it installed?`;
  const status = refusedStatus(found, { ok: false, reason: 'KindMissing', message }, toRfc3339(now));
  if (await save(found, status, shell)) shell.record(found, { type: 'Warning', message });
  return undefined;
}

async function carryOut(world: World, snapshot: RolloutSnapshot, shell: Shell): Promise<EpochMs | undefined> {
  if (snapshot.value === 'terminating') return finish(world, shell);
  if (!world.observed.suspended) await act(world, snapshot, shell);
  return wakeAt(snapshot, world.observed);
}

function worldNow(canary: Canary, { spec, plan }: Accepted, { caches, ahead, clock, drainMs }: Shell): World {
  return gather({ canary, spec, plan, caches, ahead, at: clock.now(), drainMs });
}

/** Asks webhooks and metrics servers. A person who decides meanwhile interrupts them, and is obeyed first. */
async function hearOthers(
  world: World,
  decisions: Decisions,
  tools: WebhookTools,
  shell: Shell,
): Promise<{ askAt: EpochMs | undefined; observed: Observed }> {
  const { canary } = world;
  const isNew = decisions.snapshot.value !== decisions.started.value;
  // First everybody has to see what is waited for: a webhook may take minutes, and a decision names the revision that is shown.
  if (isNew && askedGate(decisions.snapshot) !== undefined)
    return { askAt: world.observed.at, observed: world.observed };
  const key = objectKey(canary.metadata);
  const interrupt = new AbortController();
  const signal = AbortSignal.any([tools.signal, interrupt.signal]);
  shell.rounds.set(key, interrupt);
  try {
    const askAt = await askGates(world, decisions, { asked: shell.asked, tools: { ...tools, signal } });
    return { askAt, observed: await judge(world, decisions, { ...tools, signal }, shell) };
  } catch (thrown) {
    tools.signal.throwIfAborted();
    if (!interrupt.signal.aborted) throw thrown;
    const observed = { ...world.observed, at: shell.clock.now() };
    decisions.obey(pendingActions(canary, shell, decisions), canary, observed);
    // A turn of its own asks again; nothing that was interrupted counts as an answer.
    return { askAt: observed.at + CONFLICT_RETRY_MS, observed };
  } finally {
    shell.rounds.delete(key);
  }
}

/** Runs a round of checks when one is due; time goes on meanwhile, and so does the world. */
async function judge(world: World, decisions: Decisions, tools: WebhookTools, shell: Shell): Promise<Observed> {
  const { canary, spec, namespace, observed } = world;
  const stage = stageOf(decisions.snapshot.context);
  if (stage === undefined || !isEvidenceDue(decisions.snapshot, observed)) return observed;
  const { snapshot } = decisions;
  const rollback = await rollbackAsked(world, { snapshot, tools });
  const hooks = await askAll(world, 'rollout', { snapshot, tools });
  const measured = await evidenceRound({
    ...{ spec, namespace, stage, signal: tools.signal, name: canary.metadata.name },
    ...{ client: shell.client, clock: shell.clock },
    templates: shell.caches.metricTemplates,
    providerFor: shell.metricsProvider,
  });
  tools.signal.throwIfAborted();
  const checks = [...hooks, ...measured];
  const later = { ...observed, at: shell.clock.now() };
  if (rollback !== undefined) takeBack(decisions, later, rollback);
  // A decision that a person took while the queries ran comes before what they say.
  decisions.obey(pendingActions(canary, shell, decisions), canary, later);
  if (isEvidenceDue(decisions.snapshot, later)) decisions.hear({ type: 'evidence.judged', at: later.at, checks });
  decisions.follow(later);
  return later;
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
