/**
 * What every crash has in common: shops of one world, in each of which something is killed in a phase of its own, one kill after
 * the other, while the rollouts of the others go on. However it was killed, each rollout must end as if it had not been.
 */

import { ROLLOUT_STATES, type RolloutState } from '../../src/canary/rollout-record.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { RolloutView } from '../../src/view/rollout-view.ts';
import type { World } from '../support/world.ts';
import { podsOf, samePods } from './adopted-pods.ts';
import type { Outage } from './close-shop.ts';
import { must } from './must.ts';
import { CRASH_POINTS, type Phase } from './phases.ts';
import { returned } from './recovery.ts';
import { Shop } from './shop.ts';

/** Many shops at once: each sends less. */
const REQUESTS_PER_SECOND = 25;

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

function pointOf(point: string): Phase {
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
