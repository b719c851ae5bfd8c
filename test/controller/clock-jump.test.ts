/** K13: the wall clock jumps in the middle of a stage; no round is skipped, and nothing waits longer than one more interval. */

import { describe, expect, test } from 'vitest';
import { Simulation } from './simulation/simulation.ts';

const TEN_ROUNDS = { stages: [{ name: 'all', weight: 50, iterations: 10 }] };
const HOUR_MS = 3_600_000;

async function inTheMiddle(): Promise<Simulation> {
  const simulation = await Simulation.start(TEN_ROUNDS);
  await simulation.run();
  await simulation.tick(3);
  simulation.release('hello:2');
  await simulation.tick(4);
  expect(simulation.state).toBe('analysing');
  return simulation;
}

describe.each([1, -1])('a wall clock that jumps by %d h', (hours) => {
  test.each([false, true])(
    'changes neither rounds nor waits (controller restarted meanwhile: %s)',
    async (restarts) => {
      const simulation = await inTheMiddle();
      simulation.clock.jump(hours * HOUR_MS);
      if (restarts) await simulation.run();
      await simulation.settle();
      const asked = simulation.asked;
      await simulation.tick(4);
      expect(simulation.asked - asked).toBeGreaterThanOrEqual(3);
      expect(simulation.asked - asked).toBeLessThanOrEqual(4);
      expect(simulation.canary.status?.rollout?.passes).toBe(simulation.asked);
      expect(simulation.state).toBe('analysing');
      await simulation.tick(6);
      expect(simulation.state).toBe('succeeded');
      await simulation.stop();
    },
  );

  test('neither ends nor prolongs a wait for pods', async () => {
    const simulation = await Simulation.start(TEN_ROUNDS);
    await simulation.run();
    await simulation.tick(3);
    simulation.broken.add('hello');
    simulation.release('hello:2');
    await simulation.tick(30);
    simulation.clock.jump(hours * HOUR_MS);
    await simulation.tick(28);
    expect(simulation.state).toBe('startingCanary');
    await simulation.tick(4);
    expect(simulation.state).toBe('rolledBack');
    await simulation.stop();
  });
});
