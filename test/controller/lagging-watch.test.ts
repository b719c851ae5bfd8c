/** A watch that lags behind what the controller wrote itself: nothing is decided about pods that it has sent away already. */

import { expect, test } from 'vitest';
import { plan } from '../../src/canary/action-plan.ts';
import { ROLLOUT_ACTION, type RolloutAction } from '../../src/canary/rollout-action.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import { settled } from '../support/fake-clock.ts';
import { NO_DATA } from './cluster.ts';
import { ONE_STAGE } from './hello.ts';
import { watchInvariants } from './simulation/invariants.ts';
import { Simulation } from './simulation/simulation.ts';

const BAD = { kind: 'value', value: 1 } as const;

/** A release is taken back; whoever watches Deployments does not hear that the target was scaled to nothing. */
async function rolledBackUnheard(): Promise<Simulation> {
  const simulation = await Simulation.start(ONE_STAGE);
  await simulation.run();
  await simulation.tick(3);
  simulation.answer = BAD;
  simulation.release('hello:2');
  for (let count = 0; count < 20 && simulation.state !== 'rollingBack'; count++) await simulation.tick(0.5);
  expect([simulation.state, simulation.deployment()?.spec.replicas]).toEqual(['rollingBack', 2]);
  simulation.api.held.add(DEPLOYMENT.kind);
  await simulation.tick(1);
  expect([simulation.state, simulation.deployment()?.spec.replicas]).toEqual(['rolledBack', 0]);
  simulation.answer = NO_DATA;
  return simulation;
}

test('a retry waits for new pods, although the old ones seem to be there', async () => {
  const simulation = await rolledBackUnheard();
  const { broken } = watchInvariants(simulation);
  simulation.decide('Retry');
  await simulation.settle();
  await simulation.tick(2);
  expect([simulation.state, simulation.weight, broken]).toEqual(['startingCanary', 0, []]);
  simulation.api.deliver();
  await simulation.settle();
  expect([simulation.state, simulation.weight, broken]).toEqual(['analysing', 50, []]);
  await simulation.stop();
});

test('a promotion by hand after a retry is obeyed', async () => {
  const simulation = await rolledBackUnheard();
  simulation.decide('Retry');
  await simulation.settle();
  if (simulation.state !== 'analysing') simulation.api.deliver();
  await simulation.settle();
  expect(simulation.state).toBe('analysing');
  simulation.api.deliver();
  await settled();
  simulation.decide('Promote');
  await simulation.tick(3);
  const outcomes = simulation.api.all<RolloutAction>(ROLLOUT_ACTION).map(({ spec, status }) => [spec.action, status]);
  expect(outcomes).toMatchObject([
    ['Retry', { outcome: 'Applied' }],
    ['Promote', { outcome: 'Applied' }],
  ]);
  expect([simulation.state, simulation.image('hello-primary')]).toEqual(['succeeded', 'hello:2']);
  await simulation.stop();
});

test('pods that are on their way out do not pass for new ones', () => {
  const desired = { target: 'asPrimary', primary: null } as const;
  const primary = { replicas: 2, readyReplicas: 2, ready: true, reason: '', revision: '1' };
  const grown = (readyReplicas: number) => {
    const target = { replicas: 0, readyReplicas, ready: false, reason: '', candidate: {} };
    return plan(desired, { target, primary } as never);
  };
  expect(grown(2)).toEqual([]);
  expect(grown(0)).toEqual([{ do: 'scaleTarget', replicas: 2 }]);
});
