/** K08, K10, I-18, I-20: whatever is lost and whenever, the outcome does not differ; and what a release costs the API server. */

import { describe, expect, test } from 'vitest';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { ONE_STAGE, TWO_STAGES } from './hello.ts';
import { Simulation } from './simulation/simulation.ts';

describe('a controller that dies at one of its writes', () => {
  const writes = Array.from({ length: 30 }, (_, index) => index + 1);
  const fates = writes.flatMap((count) => [
    [count, 'before it arrives'] as const,
    [count, 'after it arrived'] as const,
  ]);
  test.each(fates)('at write %d, %s, loses nothing', async (dying, fate) => {
    const simulation = await Simulation.start(ONE_STAGE);
    let [count, isDead] = [0, false];
    const client = simulation.api.client();
    const write = async <T>(kind: string, send: () => Promise<T>): Promise<T> => {
      if (kind === 'Event') return send();
      if (isDead) throw new Error('The controller is dead');
      count++;
      if (count !== dying) return send();
      isDead = true;
      if (fate === 'after it arrived') await send();
      throw new Error('The controller died');
    };
    const mortal: KubeClient = {
      ...client,
      create: (type, object, options) => write(type.kind, () => client.create(type, object, options)),
      replace: (type, object, options) => write(type.kind, () => client.replace(type, object, options)),
      patch: (type, ref, patch, options) => write(type.kind, () => client.patch(type, ref, patch, options)),
    };
    await simulation.run(mortal);
    let isReborn = false;
    const survive = async () => {
      if (!isDead || isReborn) return;
      isReborn = true;
      await simulation.run();
    };
    await survive();
    await simulation.tick(3);
    await survive();
    await simulation.tick(3);
    simulation.release('hello:2');
    for (let second = 0; second < 15; second++) {
      await simulation.tick(1);
      await survive();
    }
    expect(simulation.canary.status?.rollout?.history.map(({ outcome }) => outcome)).toEqual(['promoted']);
    expect([simulation.state, simulation.weight, simulation.image('hello-primary')]).toEqual([
      'succeeded',
      0,
      'hello:2',
    ]);
    expect(simulation.deployment()?.spec.replicas).toBe(0);
    await simulation.stop();
  });
});

describe('a paused rollout', () => {
  test('takes the weight from pods that are gone, and goes on when it is resumed', async () => {
    const simulation = await Simulation.start({ stages: [{ name: 'all', weight: 50, iterations: 10 }] });
    await simulation.run();
    await simulation.tick(3);
    simulation.release('hello:2');
    await simulation.tick(4);
    simulation.decide('Pause');
    await simulation.settle();
    expect([simulation.state, simulation.weight]).toEqual(['analysing', 50]);
    simulation.broken.add('hello');
    await simulation.settle();
    expect([simulation.state, simulation.weight]).toEqual(['startingCanary', 0]);
    simulation.broken.clear();
    await simulation.tick(5);
    expect([simulation.state, simulation.weight]).toEqual(['startingCanary', 0]);
    simulation.decide('Resume');
    await simulation.tick(20);
    expect([simulation.state, simulation.image('hello-primary')]).toEqual(['succeeded', 'hello:2']);
    await simulation.stop();
  });
});

describe('the API server', () => {
  const releases: Record<string, [analysis: Record<string, unknown>, requestsMax: number]> = {
    'one stage': [ONE_STAGE, 20],
    'two stages': [TWO_STAGES, 25],
  };
  test.each(Object.entries(releases))(
    'is asked little by a release of %s, and nothing at rest',
    async (_name, given) => {
      const [analysis, requestsMax] = given;
      const simulation = await Simulation.start(analysis);
      await simulation.run();
      await simulation.tick(3);
      const before = simulation.api.requests.length;
      simulation.release('hello:2');
      await simulation.tick(15);
      expect(simulation.state).toBe('succeeded');
      // Lists belong to the watches: they are renewed now and then, whatever happens.
      const requests = simulation.api.requests.slice(before).filter(({ verb }) => verb !== 'list');
      const counts: Record<string, number> = {};
      for (const { verb, kind } of requests) counts[`${verb} ${kind}`] = (counts[`${verb} ${kind}`] ?? 0) + 1;
      expect(requests.length, JSON.stringify(counts)).toBeLessThanOrEqual(requestsMax);
      expect(requests.filter(({ verb }) => verb === 'get')).toEqual([]);
      const rest = simulation.api.version;
      await simulation.tick(60);
      expect(simulation.api.version).toBe(rest);
      await simulation.stop();
    },
  );
});
