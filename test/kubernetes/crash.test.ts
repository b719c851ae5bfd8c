/** kill -9 beside a real control plane: of control alone, which loses nothing, and of everything, after which rollouts go on where they were. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { CRASH_POINTS, CrashSite, closeAfter, untilChildren } from '../e2e/crash-points.ts';
import { kill, World } from '../support/world.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

let control: ControlPlane;
let world: World;
let site: CrashSite;
beforeAll(async () => {
  control = await startControlPlane();
  world = await World.start({ apiServer: control.kubeconfigPath });
  site = await CrashSite.open(world);
});
afterAll(async () => {
  await world?.stop();
  await control?.stop();
});

async function killControl(): Promise<undefined> {
  const before = world.children();
  kill(before.control);
  await untilChildren(world, (children) => children.control !== before.control);
}

async function killEverything(): Promise<undefined> {
  await world.killEverything();
  await world.up();
}

const VICTIMS = { control: killControl, everything: killEverything };
const CASES = Object.keys(CRASH_POINTS).map((point, index): [keyof typeof VICTIMS, string] => [
  index % 2 === 0 ? 'control' : 'everything',
  point,
]);

describe('what is killed comes back, and the release is promoted', () => {
  test.concurrent.each(CASES)('%s is killed while %s', async (victim, point) => {
    await closeAfter(await site.survive(point, VICTIMS[victim]), site.outages);
  });
});
