/** kill -9 of a worker of the proxy, or of its parent: it is back by itself; only what was under way is lost. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { kill, World } from '../support/world.ts';
import { CRASH_POINTS, CrashSite, closeAfter, proxyIsReady, untilChildren } from './crash-points.ts';

let world: World;
let site: CrashSite;
beforeAll(async () => {
  world = await World.start();
  site = await CrashSite.open(world);
});
afterAll(() => world?.stop());

async function killWorker(): Promise<void> {
  const [pid] = world.workers();
  if (pid === undefined) throw new Error('The proxy has no worker');
  kill(pid);
  await proxyIsReady(world);
}

async function killParent(): Promise<void> {
  const { proxy } = world.children();
  kill(proxy);
  await untilChildren(world, (children) => children.proxy !== proxy);
  await proxyIsReady(world);
}

const VICTIMS = { 'a worker': killWorker, "the proxy's parent": killParent };
/** The two take turns, so that each meets every part of a rollout's life. */
const CASES = Object.keys(CRASH_POINTS).map((point, index): [keyof typeof VICTIMS, string] => [
  index % 2 === 0 ? 'a worker' : "the proxy's parent",
  point,
]);

describe('the proxy is killed, and the release is promoted', () => {
  test.concurrent.each(CASES)('%s, while %s', async (victim, point) => {
    const shop = await site.survive(point, VICTIMS[victim]);
    await closeAfter(shop, site.outages);
  });
});
