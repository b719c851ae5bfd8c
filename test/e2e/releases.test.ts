/** Every scenario on the embedded platform. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { World } from '../support/world.ts';
import { SCENARIOS } from './scenarios.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

// Each scenario has a namespace of its own, so they need not wait for each other.
describe.concurrent('on the embedded platform', () => {
  test.each(Object.entries(SCENARIOS))('%s', async (_sentence, scenario) => {
    await scenario(world);
  });
});
