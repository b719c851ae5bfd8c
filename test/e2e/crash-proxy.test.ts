/** kill -9 of a worker of the proxy, or of its parent: it is back by itself; only what was under way is lost. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { type EpochMs, systemClock } from '../../src/lib/clock.ts';
import { kill, World } from '../support/world.ts';
import { CRASH_POINTS, CrashSite, closeAfter, proxyIsReady, untilChildren } from './crash-points.ts';

/** Requests that were under way in a killed worker have failed by then. */
const UNDER_WAY_MS = 1_000;

let world: World;
let site: CrashSite;

/** @returns when its last request must have failed: the port stays open, so what comes later is served */
async function killWorker(): Promise<EpochMs> {
  const [pid] = world.workers();
  if (pid === undefined) throw new Error('The proxy has no worker');
  kill(pid);
  const last = systemClock.now() + UNDER_WAY_MS;
  await proxyIsReady(world);
  return last;
}

async function killParent(): Promise<undefined> {
  const { proxy } = world.children();
  kill(proxy);
  await untilChildren(world, (children) => children.proxy !== proxy);
  await proxyIsReady(world);
}

const VICTIMS = { 'a worker': killWorker, "the proxy's parent": killParent };
const POINTS = Object.keys(CRASH_POINTS);
const CASES = POINTS.flatMap((point): [keyof typeof VICTIMS, string][] => [
  ['a worker', point],
  ["the proxy's parent", point],
]);

beforeAll(async () => {
  world = await World.start();
  site = await CrashSite.open(world, [...POINTS, ...POINTS]);
});
afterAll(() => world?.stop());

describe('the proxy is killed, and the release is promoted', () => {
  test.concurrent.each(CASES)('%s, while %s', async (victim, point) => {
    const shop = await site.survive(point, VICTIMS[victim]);
    await closeAfter(shop, site.outages);
  });
});
