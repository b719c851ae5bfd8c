/**
 * What every crash has in common: shops of one world, in each of which something is killed in a phase of its own, one kill after
 * the other, while the rollouts of the others go on. However it was killed, each rollout must end as if it had not been.
 */

import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ROLLOUT_STATES, type RolloutState } from '../../src/canary/rollout-record.ts';
import { POD } from '../../src/kube/resource-types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { isRunning } from '../../src/lib/process-identity.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { type PodRecord, readPodRecords } from '../../src/platform/kubelet/pod-folder.ts';
import type { RolloutView } from '../../src/view/rollout-view.ts';
import type { World } from '../support/world.ts';
import { KILL_POINTS, must } from './scenarios.ts';
import { QUICK_ANALYSIS, Shop } from './shop.ts';

/** Many shops at once: each sends less. */
const REQUESTS_PER_SECOND = 25;
const PATIENCE_MS = 60_000;

/** The phases of `KILL_POINTS`, and those at the end of a rollout. */
export const CRASH_POINTS: typeof KILL_POINTS = {
  ...KILL_POINTS,
  'the primary is promoted': {
    analysis: QUICK_ANALYSIS,
    env: { START_DELAY_MS: '3000' },
    reached: ({ state }) => state === 'promoting',
  },
  'the rollout is finalised': { analysis: QUICK_ANALYSIS, reached: ({ state }) => state === 'finalising' },
};

/** From when to when something was not there, in epoch milliseconds. */
export type Outage = { from: number; to: number };

export type Crash = (world: World) => Promise<void>;

export class CrashSite {
  readonly world: World;
  readonly outages: Outage[] = [];
  readonly #shops: { point: string; shop: Shop }[];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(world: World, shops: { point: string; shop: Shop }[]) {
    this.world = world;
    this.#shops = shops;
  }

  /** Opens a shop for every crash that is to come; all of them serve v1. */
  static async open(world: World, points: readonly string[] = Object.keys(CRASH_POINTS)): Promise<CrashSite> {
    const shops = points.map(async (point) => {
      const { analysis } = pointOf(point);
      return { point, shop: await Shop.open(world, { analysis, requestsPerSecond: REQUESTS_PER_SECOND }) };
    });
    return new CrashSite(world, await Promise.all(shops));
  }

  /** Releases v2, crashes when the phase is reached, and sees the release promoted all the same. */
  async survive(point: string, crash: Crash): Promise<Shop> {
    const index = this.#shops.findIndex((candidate) => candidate.point === point);
    const [taken] = index < 0 ? [] : this.#shops.splice(index, 1);
    if (taken === undefined) throw new Error(`There is no shop for ${point}`);
    const { shop } = taken;
    await this.#inTurn(() => this.#crashAt(point, shop, crash));
    const { history } = await shop.until('the promotion of v2', ({ phase }) => phase === 'Succeeded');
    must(history.length === 1 && history[0]?.outcome === 'promoted', 'there was one release, and it was promoted');
    await this.#inTurn(() => returned(shop, 'v2'));
    return shop;
  }

  /** One kill at a time: a shop that waits for its phase is not to be surprised by the kill of another. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #crashAt(point: string, shop: Shop, crash: Crash): Promise<void> {
    const { env = {}, reached } = pointOf(point);
    const { promotedRevision: old } = await shop.view();
    await shop.release({ VERSION: 'v2', ...env });
    const before = await shop.until(point, (view) => view.revision !== old && reached(view));
    const pods = podsOf(shop);
    const from = systemClock.now();
    await crash(this.world);
    await returned(shop);
    this.outages.push({ from, to: systemClock.now() });
    await continues(shop, before);
    await samePods(shop, pods);
    if (before.waitingFor?.kind === 'gate') await openGate(shop);
  }
}

function pointOf(point: string): (typeof KILL_POINTS)[string] {
  const found = CRASH_POINTS[point];
  if (found === undefined) throw new Error(`There is no phase "${point}"`);
  return found;
}

/** The rollout is where it was or further: the same run, with what it had counted. */
async function continues(shop: Shop, before: RolloutView): Promise<void> {
  const after = await shop.view();
  const at = (view: RolloutView): number => ROLLOUT_STATES.indexOf(view.state as RolloutState);
  const passed = (view: RolloutView): number => view.stages.filter(({ state }) => state === 'passed').length;
  const where = `${before.state} → ${after.state}`;
  must(after.revision === before.revision, 'the revision is the one that was rolled out');
  must(after.startedAt === before.startedAt, `the run was not begun anew: ${before.startedAt} → ${after.startedAt}`);
  must(passed(after) >= passed(before), `no stage is run again: ${where}`);
  must(passed(after) > passed(before) || at(after) >= at(before), `the state is not behind: ${where}`);
  must(after.failures.count >= before.failures.count, 'the failures are still counted');
  for (const [index, { name, startedAt }] of before.stages.entries()) {
    if (startedAt === undefined) continue;
    must(after.stages[index]?.startedAt === startedAt, `stage ${name} was not begun anew`);
  }
}

/** A gate that waited still waits, and opens when it is approved. */
async function openGate(shop: Shop): Promise<void> {
  must((await shop.view()).waitingFor?.kind === 'gate', 'the gate still waits');
  await shop.answeredBy('v1');
  await shop.answeredBy('v2');
  const { code, out } = await shop.sluice('approve');
  must(code === 0, `the approval is applied: ${out}`);
}

/** Resolves when the service answers through the proxy. */
export async function returned(shop: Shop, version?: string): Promise<void> {
  const until = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const answer = await shop.ask().catch((error: Error) => ({ status: 0, version: error.message }));
    if (answer.status === 200 && (version === undefined || answer.version === version)) return;
    if (systemClock.monotonicMs() > until) throw new Error(`Asked in vain: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when the processes of the world have been recorded such that `holds`. */
export async function untilChildren(
  world: World,
  holds: (children: { control: number; proxy: number }) => boolean,
): Promise<void> {
  const watcher = watch(world.dataDir);
  const abort = AbortSignal.timeout(PATIENCE_MS);
  try {
    for (let known = world.recorded(); known === undefined || !holds(known); known = world.recorded()) {
      await once(watcher, 'change', { signal: abort });
    }
  } finally {
    watcher.close();
  }
}

/** Resolves when the proxy's parent says that all its workers serve the newest table. */
export async function proxyIsReady({ ready: { adminUrl } }: World): Promise<void> {
  const until = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const status = await fetch(`${adminUrl}/readyz`).then(
      ({ status }) => status,
      () => 0,
    );
    if (status === 200) return;
    if (systemClock.monotonicMs() > until) throw new Error(`The proxy is not ready: ${status}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the kubelet has recorded about the pods of a shop. */
export function podsOf({ world, namespace }: Shop): PodRecord[] {
  return readPodRecords(join(world.dataDir, 'pods')).filter((pod) => pod.namespace === namespace);
}

/** Pods that are still wanted have been adopted: they are the same processes, and they run. */
export async function samePods(shop: Shop, before: readonly PodRecord[]): Promise<void> {
  const now = podsOf(shop);
  // Asked for after the records were read: who is wanted now was wanted then, and has not been asked to end.
  const wanted = await wantedPods(shop);
  for (const { uid, name, process, restartCount } of before) {
    const adopted = now.find((pod) => pod.uid === uid);
    if (adopted === undefined || process === undefined || !wanted.has(uid)) continue;
    must(adopted.process?.pid === process.pid, `pod ${name} is still process ${process.pid}`);
    must(adopted.restartCount === restartCount, `pod ${name} was not started again`);
  }
  must(before.length > 0, 'there were pods');
  must(
    now.some(({ process }) => process !== undefined && isRunning(process)),
    'pods run',
  );
}

async function wantedPods({ world, namespace }: Shop): Promise<Set<string | undefined>> {
  const { items } = await world.client.list<KubeObject>(POD, { namespace });
  return new Set(
    items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid),
  );
}

/** Ends the traffic: what was lost was lost in an outage, and nothing was served twice. */
export async function closeAfter(shop: Shop, outages: readonly Outage[]): Promise<number> {
  const { sent, lost, duplicated } = await shop.close();
  must(sent > 0, 'there was traffic');
  must(duplicated.length === 0, `no request was served twice: ${duplicated.length} of ${sent}`);
  const isLost = new Set(lost);
  const unexplained = shop.outcomes.filter(
    ({ id, sentAt, answeredAt }) =>
      isLost.has(id) && !outages.some(({ from, to }) => answeredAt >= from && sentAt <= to),
  );
  must(
    unexplained.length === 0,
    `nothing is lost outside of an outage: ${unexplained.length} of ${sent}, such as ${JSON.stringify(unexplained[0])}`,
  );
  return lost.length;
}
