/** K08, K10, I-18, I-20: a controller that dies at any of its writes, before or after it arrived, leaves an outcome that does not differ. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLLOUT_ACTION } from '../../src/canary/rollout-action.schema.ts';
import { startController } from '../../src/controller/start-controller.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CONFIG_MAP } from '../../src/kube/resource-types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { ResourceType } from '../../src/lib/resource.ts';
import type { Sample } from '../../src/metrics/verdict.ts';
import { type Cluster, startCluster, until } from './cluster.ts';
import { atRest, decide, deploymentOf, given, imageOf, inState, outcomeOf, release } from './hello.ts';

const tools = { clock: systemClock, random: Math.random, logger: silentLogger };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  // Each test runs a controller of its own, for its own namespace.
  await cluster.stopController();
});

afterAll(async () => {
  await cluster?.close();
});

type Fate = 'arrives' | 'dies before' | 'dies after';

/** A client whose writes have a fate; after a death nothing arrives any more. Events do not count: losing one changes nothing. */
function mortal(client: KubeClient, fateOf: (count: number) => Fate) {
  const life = { writes: 0, isDead: false, death: Promise.withResolvers<void>() };
  const write = async <T>(type: ResourceType, send: () => Promise<T>): Promise<T> => {
    if (type.kind === 'Event') return send();
    if (life.isDead) throw new Error('The controller is dead');
    life.writes++;
    const fate = fateOf(life.writes);
    const answer = fate === 'dies before' ? undefined : await send();
    if (answer !== undefined && fate === 'arrives') return answer;
    life.isDead = true;
    life.death.resolve();
    throw new Error('The controller died');
  };
  const wrapped: KubeClient = {
    target: client.target,
    get: (type, ref) => client.get(type, ref),
    list: (type, options) => client.list(type, options),
    watch: (type, options) => client.watch(type, options),
    raw: (request) => client.raw(request),
    stream: (path, signal) => client.stream(path, signal),
    create: (type, object, options) => write(type, () => client.create(type, object, options)),
    replace: (type, object, options) => write(type, () => client.replace(type, object, options)),
    patch: (type, ref, patch, options) => write(type, () => client.patch(type, ref, patch, options)),
    delete: (type, ref, options) => write(type, () => client.delete(type, ref, options)),
    close: async () => {},
  };
  return { client: wrapped, life };
}

function controllerFor(client: KubeClient, namespace: string) {
  const metricsProvider = () => ({ query: async () => ({ kind: 'value', value: 100 }) as const });
  return startController({ client, namespace, ...tools, drainMs: 20, metricsProvider });
}

/** Takes a Deployment over, releases 2 and waits for the end; dies at one write and is started again. */
async function survive(namespace: string, dyingWrite: number, fate: Fate): Promise<boolean> {
  const { client, life } = mortal(cluster.client, (count) => (count === dyingWrite ? fate : 'arrives'));
  await given(cluster, namespace);
  let controller = controllerFor(client, namespace);
  const reborn = life.death.promise.then(async () => {
    await controller.close();
    controller = controllerFor(cluster.client, namespace);
  });
  await inState(cluster, namespace, 'initialized');
  await release(cluster, namespace, 'hello:2');
  const done = await inState(cluster, namespace, 'succeeded');
  await atRest(cluster, namespace);
  if (life.isDead) await reborn;
  await controller.close();
  expect(done.status?.rollout?.history.map(({ outcome }) => outcome)).toEqual(['promoted']);
  expect(await imageOf(cluster, namespace, 'hello-primary')).toBe('hello:2');
  return life.isDead;
}

describe('a controller', () => {
  // Every other write is tried in `simulation.test.ts`; these show that a real API server makes no difference.
  const writes = [2, 5, 8, 11];
  test.concurrent.each(writes)('may die at its write %d', { timeout: 120_000 }, async (count) => {
    const died = await survive(`crash-${count}`, count, count % 2 === 0 ? 'dies before' : 'dies after');
    expect(died).toBe(true);
  });

  test.concurrent('writes nothing while nothing happens, whoever wakes it', { timeout: 120_000 }, async () => {
    const namespace = 'crash-rest';
    const { client, life } = mortal(cluster.client, () => 'arrives');
    await given(cluster, namespace);
    const controller = controllerFor(client, namespace);
    await inState(cluster, namespace, 'initialized');
    await atRest(cluster, namespace);
    await until(
      cluster,
      async () => ((await deploymentOf(cluster, namespace))?.status?.replicas ?? 0) === 0,
      'no pods',
    );
    let before = -1;
    let quietLooks = 0;
    // The last writes of the way to rest may still be under way when it is reached.
    await until(
      cluster,
      async () => {
        quietLooks = before === life.writes ? quietLooks + 1 : 0;
        before = life.writes;
        return quietLooks >= 10;
      },
      'quiet',
    );
    for (const name of ['a', 'b', 'c']) {
      await cluster.client.create(CONFIG_MAP, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
    }
    await cluster.seen.changed(namespace);
    expect(life.writes).toBe(before);
    await controller.close();
  });
});

describe('a decision of a person', () => {
  test.concurrent('is answered as it was decided, when the controller died between the two', {
    timeout: 120_000,
  }, async () => {
    const namespace = 'crash-decision';
    const gated = { stages: [{ name: 'all', weight: 50, duration: '1s', approval: 'required' }] };
    await given(cluster, namespace, { analysis: gated });
    let dies = false;
    const { client, life } = mortal(cluster.client, () => (dies ? 'dies before' : 'arrives'));
    // Only the answer is lost: the status with the decision arrives.
    const losing: KubeClient = {
      ...client,
      patch: (type, ref, patch, options) => {
        dies = type.kind === ROLLOUT_ACTION.kind;
        return client.patch(type, ref, patch, options);
      },
    };
    const first = controllerFor(losing, namespace);
    await inState(cluster, namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'awaitingApproval');
    const name = await decide(cluster, namespace, {});
    await life.death.promise;
    await first.close();
    const second = controllerFor(cluster.client, namespace);
    const answer = await outcomeOf(cluster, namespace, name);
    expect(answer.outcome).toBe('Applied');
    await inState(cluster, namespace, 'succeeded');
    await second.close();
  });

  test.concurrent('does not wait for a metrics server that is slow', { timeout: 120_000 }, async () => {
    const namespace = 'crash-slow';
    await given(cluster, namespace);
    const asked = Promise.withResolvers<void>();
    const query = (_promql: string, signal: AbortSignal): Promise<Sample> => {
      asked.resolve();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'unreachable', reason: 'interrupted' }));
      });
    };
    const controller = startController({
      ...{ client: cluster.client, namespace, ...tools, drainMs: 20 },
      metricsProvider: () => ({ query }),
    });
    await inState(cluster, namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    await asked.promise;
    await decide(cluster, namespace, { action: 'Abort' });
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status?.rollout?.history[0]).toMatchObject({ outcome: 'aborted' });
    await controller.close();
  });
});
