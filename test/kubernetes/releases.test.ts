/** Every scenario against a real API server with its real controllers: only controller, proxy and kubelet are ours. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { SCENARIOS } from '../e2e/scenarios.ts';
import { World } from '../support/world.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

let control: ControlPlane;
let world: World;
beforeAll(async () => {
  control = await startControlPlane();
  world = await World.start({ apiServer: control.kubeconfigPath });
});
afterAll(async () => {
  await world?.stop();
  await control?.stop();
});

// Each scenario has a namespace of its own, so they need not wait for each other.
describe.concurrent('on a real control plane', () => {
  test.each(Object.entries(SCENARIOS))('%s', async (_sentence, scenario) => {
    await scenario(world);
  });
});
