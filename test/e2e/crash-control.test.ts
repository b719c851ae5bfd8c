/** kill -9 of control: the proxy serves on, so that no request is lost, and every rollout goes on where it was. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { kill, World } from '../support/world.ts';
import { CRASH_POINTS, CrashSite, untilChildren } from './crash-points.ts';
import { closeClean } from './scenarios.ts';

let world: World;
let site: CrashSite;
beforeAll(async () => {
  world = await World.start();
  site = await CrashSite.open(world);
});
afterAll(() => world?.stop());

async function killControl(): Promise<void> {
  const { control } = world.children();
  kill(control);
  await untilChildren(world, (children) => children.control !== control);
}

describe('control is killed, no request is lost and the release is promoted', () => {
  test.concurrent.each(Object.keys(CRASH_POINTS))('while %s', async (point) => {
    await closeClean(await site.survive(point, killControl));
  });
});
