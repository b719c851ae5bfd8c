/** One good and one bad release on the embedded platform: real processes, real traffic. */

import { afterAll, beforeAll, describe, test } from 'vitest';
import { SMOKE_SCENARIOS } from '../e2e/revision-scenarios.ts';
import { World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

describe('on the embedded platform', () => {
  test.each(Object.entries(SMOKE_SCENARIOS))('%s', async (_sentence, scenario) => {
    await scenario(world);
  });
});
