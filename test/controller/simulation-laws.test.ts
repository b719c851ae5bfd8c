/** Laws of the whole shell under everything that may happen to it (reliability.md 2.5 (3)). SIMULATION_RUNS=1000 for a long night. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isResting } from '../../src/canary/next-event.ts';
import type { Deployment } from '../../src/controller/workload.ts';
import { GOOD } from './cluster.ts';
import { TWO_STAGES } from './hello.ts';
import { type Command, commandArbitrary, play } from './simulation/commands.ts';
import { watchInvariants } from './simulation/invariants.ts';
import { imageOf, Simulation } from './simulation/simulation.ts';

const numRuns = Number(process.env.SIMULATION_RUNS ?? 8);
const GATED = {
  stages: [
    { name: 'smoke', weight: 10, duration: '1s', approval: 'required' },
    { name: 'half', weight: 50, duration: '1s' },
  ],
};

/** Plays the commands, then lets everything be well: what is broken, and where it ends. */
async function playAll(analysis: Record<string, unknown>, commands: readonly Command[]): Promise<void> {
  const simulation = await Simulation.start(analysis);
  const { broken, byHand } = watchInvariants(simulation);
  await simulation.run();
  await simulation.tick(2);
  for (const command of commands) {
    await play(simulation, command, byHand);
    expect(broken).toEqual([]);
    await expectHealthyTraffic(simulation);
  }
  await becomeWell(simulation);
  expect(broken).toEqual([]);
  expect([isResting(simulation.state as never), simulation.weight], `I-17: ${simulation.state}`).toEqual([true, 0]);
  expect(simulation.deployment()?.spec.replicas).toBe(0);
  expect(simulation.image('hello-primary')).toBe(promotedImage(simulation));
  const before = simulation.api.version;
  await simulation.tick(30);
  expect(simulation.api.version, 'I-18: nothing is written at rest').toBe(before);
  await simulation.stop();
}

/** I-03: no ready pods of the canary, no weight; unless nobody else could serve either, or nobody may act. */
async function expectHealthyTraffic(simulation: Simulation): Promise<void> {
  simulation.api.failure = () => undefined;
  await simulation.tick(1);
  const canServes = (name: string) => (simulation.deployment(name)?.status?.readyReplicas ?? 0) > 0;
  if (canServes('hello') || !canServes('hello-primary')) return;
  expect(simulation.weight, `I-03 in state ${simulation.state}`).toBe(0);
}

async function becomeWell(simulation: Simulation): Promise<void> {
  simulation.broken.clear();
  simulation.acknowledges = true;
  simulation.answer = GOOD;
  await simulation.settle();
  await simulation.tick(4);
  for (let count = 0; count < 8 && !isResting(simulation.state as never); count++) {
    simulation.decide('Resume');
    await simulation.settle();
    simulation.decide('Approve');
    await simulation.tick(4);
  }
  await simulation.tick(2);
}

function promotedImage({ canary }: Simulation): string {
  return imageOf({ spec: { template: canary.status?.rollout?.promoted?.template } } as Deployment);
}

test.each(Object.entries({ 'two stages': TWO_STAGES, 'a stage with approval': GATED }))(
  'a rollout of %s keeps its laws whatever happens',
  { timeout: 60_000 + numRuns * 2_000 },
  async (_name, analysis) => {
    const commands = fc.array(commandArbitrary, { minLength: 4, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(commands, (list) => playAll(analysis, list)),
      { numRuns },
    );
  },
);
