/** kill -9 of supervisor, control, proxy and workers at once, and `sluice up` again: pods lived on, rollouts go on where they were. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { World } from '../support/world.ts';
import { CRASH_POINTS, CrashSite, closeAfter } from './crash-points.ts';

let world: World;
let site: CrashSite;
beforeAll(async () => {
  world = await World.start();
  site = await CrashSite.open(world);
});
afterAll(() => world?.stop());

async function killAndStartAgain(): Promise<void> {
  await world.killEverything();
  await world.up();
}

describe('everything is killed and started again, and the release is promoted', () => {
  test.concurrent.each(Object.keys(CRASH_POINTS))('while %s', async (point) => {
    await closeAfter(await site.survive(point, killAndStartAgain), site.outages);
  });
});
