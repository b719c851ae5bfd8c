/** Taking a live installation over from Flagger: its objects as it leaves them, and no record of ours. */

import { describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import type { Config, Deployment } from '../../src/controller/workload.ts';
import { CONFIG_MAP, DEPLOYMENT } from '../../src/kube/resource-types.ts';
import { helloCanary, helloDeployment, ONE_STAGE } from './hello.ts';
import { NAMESPACE, Simulation } from './simulation/simulation.ts';

type Left = { phase: string; target: string; primary: string };

/** Deployment `hello` at rest, `hello-primary` with Flagger's changes, a tracked ConfigMap with its copy, a status with its hashes. */
async function leftByFlagger({ phase, target, primary }: Left): Promise<Simulation> {
  const simulation = await Simulation.start(ONE_STAGE);
  const { api } = simulation;
  const settings = (name: string): Config => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: NAMESPACE } },
    data: { mode: 'a' },
  });
  api.put(CONFIG_MAP, settings('settings'));
  api.put(CONFIG_MAP, settings('settings-primary'));
  api.put(DEPLOYMENT, workload('hello', target, 0));
  api.put(DEPLOYMENT, workload('hello-primary', primary, 2));
  const status = { phase, failedChecks: 0, lastAppliedSpec: '7d8f9c', lastPromotedSpec: '7d8f9c' };
  api.put(CANARY, { ...helloCanary(NAMESPACE, ONE_STAGE), status }, 'status');
  return simulation;
}

function workload(name: string, image: string, replicas: number): Deployment {
  const isPrimary = name !== 'hello';
  const made = helloDeployment(NAMESPACE, image) as Deployment;
  const labels = { app: name };
  const container = made.spec.template.spec?.containers?.[0] ?? {};
  container.envFrom = [{ configMapRef: { name: isPrimary ? 'settings-primary' : 'settings' } }];
  const podAntiAffinity = { labelSelector: { matchLabels: { app: name } } };
  return {
    ...made,
    metadata: { name, namespace: NAMESPACE, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: isPrimary ? { 'flagger-id': '5a7c' } : {} },
        spec: { ...made.spec.template.spec, affinity: { podAntiAffinity } } as never,
      },
    },
  };
}

describe('a Canary of Flagger', () => {
  test.each(['Initialized', 'Succeeded'])(
    'in phase %s is taken over without a run and without a restart',
    async (phase) => {
      const simulation = await leftByFlagger({ phase, target: 'hello:1', primary: 'hello:1' });
      const before = simulation.deployment('hello-primary')?.spec;
      const weights: number[] = [];
      simulation.api.onWrite = ({ kind }) => {
        if (kind === 'VirtualService') weights.push(simulation.weight);
      };
      await simulation.run();
      await simulation.tick(3);
      expect(simulation.deployment('hello-primary')?.spec).toEqual(before);
      expect([simulation.canary.status?.phase, simulation.canary.status?.rollout?.history]).toEqual([phase, []]);
      expect(weights.every((weight) => weight === 0)).toBe(true);
      simulation.release('hello:2');
      await simulation.tick(10);
      expect([simulation.state, simulation.image('hello-primary')]).toEqual(['succeeded', 'hello:2']);
      await simulation.stop();
    },
  );

  test('in phase Failed keeps what the primary runs, and waits for another revision', async () => {
    const simulation = await leftByFlagger({ phase: 'Failed', target: 'hello:bad', primary: 'hello:1' });
    await simulation.run();
    await simulation.tick(5);
    expect([simulation.state, simulation.image('hello-primary'), simulation.canary.status?.phase]).toEqual([
      ...['rolledBack', 'hello:1', 'Failed'],
    ]);
    simulation.release('hello:2');
    await simulation.tick(10);
    expect([simulation.state, simulation.image('hello-primary')]).toEqual(['succeeded', 'hello:2']);
    await simulation.stop();
  });

  test('whose target was changed meanwhile is analysed before anything is promoted', async () => {
    const simulation = await leftByFlagger({ phase: 'Succeeded', target: 'hello:2', primary: 'hello:1' });
    simulation.answer = { kind: 'value', value: 1 };
    await simulation.run();
    await simulation.tick(10);
    expect([simulation.state, simulation.image('hello-primary')]).toEqual(['rolledBack', 'hello:1']);
    await simulation.stop();
  });
});

describe('a promotion that is undone', () => {
  test('gives the primary the data back that it read before', async () => {
    const simulation = await leftByFlagger({ phase: 'Succeeded', target: 'hello:1', primary: 'hello:1' });
    await simulation.run();
    await simulation.tick(3);
    const copyOf = () =>
      simulation.api.read<Config>(CONFIG_MAP, { namespace: NAMESPACE, name: 'settings-primary' })?.data;
    const settings = simulation.api.read<Config>(CONFIG_MAP, { namespace: NAMESPACE, name: 'settings' });
    if (settings === undefined) throw new Error('The ConfigMap is gone');
    simulation.broken.add('hello-primary');
    simulation.api.put(CONFIG_MAP, { ...settings, data: { mode: 'b' } });
    simulation.release('hello:2');
    await simulation.tick(10);
    expect([simulation.state, copyOf()]).toEqual(['promoting', { mode: 'b' }]);
    simulation.decide('Abort');
    await simulation.settle();
    simulation.broken.clear();
    await simulation.tick(3);
    expect([simulation.state, copyOf(), simulation.image('hello-primary')]).toEqual([
      'rolledBack',
      { mode: 'a' },
      'hello:1',
    ]);
    await simulation.stop();
  });
});
