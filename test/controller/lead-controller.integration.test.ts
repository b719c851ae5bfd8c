/** Several controllers of one cluster: only the holder of the Lease works, and what is not installed is named. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LeadingController, leadController } from '../../src/controller/lead-controller.ts';
import { startController } from '../../src/controller/start-controller.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { LeaseObject } from '../../src/kube/lease.ts';
import { LEASE } from '../../src/kube/resource-types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { type Cluster, GOOD, startCluster, until, untilCanary } from './cluster.ts';
import { given, initialized, inState, release } from './hello.ts';

const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
const options = { ...tools, drainMs: 20, metricsProvider: () => ({ query: async () => GOOD }) };

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.stopController();
});

afterAll(async () => {
  await cluster?.close();
});

/** Counts what is written by a controller, and can cut it off the API server. */
function observed({ client }: Cluster) {
  const life = { writes: 0, isCut: false };
  const send = <T>(call: () => Promise<T>): Promise<T> => (life.isCut ? Promise.reject(new Error('cut off')) : call());
  const write = <T>(kind: string, call: () => Promise<T>): Promise<T> => {
    if (kind !== 'Lease' && kind !== 'Event') life.writes++;
    return send(call);
  };
  const wrapped: KubeClient = {
    ...client,
    get: (type, ref) => send(() => client.get(type, ref)),
    create: (type, object, more) => write(type.kind, () => client.create(type, object, more)),
    replace: (type, object, more) => write(type.kind, () => client.replace(type, object, more)),
    patch: (type, ref, patch, more) => write(type.kind, () => client.patch(type, ref, patch, more)),
  };
  return { client: wrapped, life };
}

function contender(client: KubeClient, namespace: string, identity: string): LeadingController {
  const lease = { namespace, name: 'sluice', identity, durationMs: 1_500 };
  return leadController({ ...options, client, namespace, lease });
}

describe.concurrent('of two controllers', { timeout: 120_000 }, () => {
  test('only one works, and the other one goes on when it stops', async () => {
    const namespace = 'lead-release';
    await given(cluster, namespace);
    const [a, b] = [observed(cluster), observed(cluster)];
    const first = contender(a.client, namespace, 'a');
    await until(cluster, async () => first.leads(), 'the first leads');
    const second = contender(b.client, namespace, 'b');
    await inState(cluster, namespace, 'initialized');
    expect([second.leads(), b.life.writes]).toEqual([false, 0]);
    expect(second.notReady()).toBeUndefined();
    await first.close();
    const lease = await cluster.client.get<LeaseObject>(LEASE, { namespace, name: 'sluice' });
    expect(lease?.spec?.holderIdentity).not.toBe('a');
    const writes = a.life.writes;
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'succeeded');
    expect(second.leads()).toBe(true);
    expect(a.life.writes).toBe(writes);
    await second.close();
  });

  test('one that is cut off stops before the other one starts, and comes back as the second', async () => {
    const namespace = 'lead-cut';
    await given(cluster, namespace);
    const [a, b] = [observed(cluster), observed(cluster)];
    const first = contender(a.client, namespace, 'a');
    await until(cluster, async () => first.leads(), 'the first leads');
    await inState(cluster, namespace, 'initialized');
    const second = contender(b.client, namespace, 'b');
    a.life.isCut = true;
    await until(
      cluster,
      async () => {
        expect(first.leads() && second.leads()).toBe(false);
        return second.leads();
      },
      'the second leads',
    );
    expect(first.leads()).toBe(false);
    a.life.isCut = false;
    const writes = a.life.writes;
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, 'succeeded');
    expect(a.life.writes).toBe(writes);
    await Promise.all([first.close(), second.close()]);
  });
});

/** As an API server that lacks some kinds. */
function without(client: KubeClient, ...kinds: string[]): KubeClient {
  return {
    ...client,
    list: (type, more) =>
      kinds.includes(type.kind) ? Promise.reject(new Error('not found')) : client.list(type, more),
  };
}

describe.concurrent('a kind that is not installed', { timeout: 120_000 }, () => {
  test('does not disturb Canaries that do not need it', async () => {
    const namespace = 'lead-optional';
    const client = without(cluster.client, 'MetricTemplate', 'AlertProvider', 'HorizontalPodAutoscaler');
    const controller = startController({ ...options, client, namespace });
    await initialized(cluster, namespace);
    expect(controller.missing()).toEqual([
      { name: 'MetricTemplate (flagger.app)', required: false },
      { name: 'HorizontalPodAutoscaler (autoscaling)', required: false },
      { name: 'AlertProvider (flagger.app)', required: false },
    ]);
    await controller.close();
  });

  test('is named by the Canary that needs it', async () => {
    const namespace = 'lead-needed';
    const controller = startController({ ...options, client: without(cluster.client, 'VirtualService'), namespace });
    await given(cluster, namespace);
    const what = { namespace, what: 'the condition' };
    const { status } = await untilCanary(cluster, what, (canary) => canary.status?.conditions !== undefined);
    expect(status?.conditions).toMatchObject([
      {
        type: 'Accepted',
        reason: 'KindMissing',
        message: expect.stringMatching(/^The API server does not list VirtualService \(networking\.istio\.io\), which/),
      },
    ]);
    await controller.close();
  });

  test('keeps a controller from being ready while no Canary can do without it', async () => {
    const namespace = 'lead-required';
    await given(cluster, namespace);
    const leading = contender(without(cluster.client, 'Canary', 'RolloutAction'), namespace, 'a');
    const reason = 'waiting for Canary (flagger.app), RolloutAction (sluice.dev)';
    await until(cluster, async () => leading.notReady() === reason, 'the reason');
    await leading.close();
  });
});
