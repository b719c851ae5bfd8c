/** Gates, tests and rollbacks by webhook, against a real receiver. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import { ALERT_PROVIDER } from '../../src/notify/alert-provider.schema.ts';
import { type Cluster, createNamespace, startCluster, until } from './cluster.ts';
import {
  decide,
  helloCanary,
  helloDeployment,
  initialized as initializedHello,
  inState,
  ONE_STAGE,
  release,
} from './hello.ts';

type Call = {
  path: string;
  body: { name: string; phase: string; checksum: string; metadata?: Record<string, string> };
};

let cluster: Cluster;
let server: Server;
let base: string;
const calls: Call[] = [];
/** Paths (namespace and type) that answer 200; all others answer 403. */
const open: Set<string> = new Set();

beforeAll(async () => {
  cluster = await startCluster();
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      calls.push({ path: request.url ?? '', body: JSON.parse(text) as Call['body'] });
      if (request.url?.endsWith('/silent') === true) return;
      response.writeHead(open.has(request.url ?? '') ? 200 : 403).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await cluster?.close();
  server?.closeAllConnections();
  server?.close();
});

async function initialized(namespace: string, ...types: string[]): Promise<void> {
  const webhooks = types.map((type) => ({ name: type, type, url: `${base}/${namespace}/${type}` }));
  await initializedHello(cluster, namespace, { analysis: { ...ONE_STAGE, webhooks } });
}

const callsOf = (namespace: string, type: string) => calls.filter(({ path }) => path === `/${namespace}/${type}`);
const asked = (namespace: string, type: string, times = 1) =>
  until(cluster, async () => callsOf(namespace, type).length >= times, `${times} calls of ${type}`);
const opens = (namespace: string, ...types: string[]) => {
  for (const type of types) open.add(`/${namespace}/${type}`);
};

describe.concurrent('webhooks', { timeout: 120_000 }, () => {
  test('hold a rollout at each gate until they agree, and say so', async () => {
    const namespace = 'hooks-gates';
    await initialized(namespace, 'confirm-rollout', 'pre-rollout', 'confirm-traffic-increase', 'confirm-promotion');
    await release(cluster, namespace, 'hello:2');
    await asked(namespace, 'confirm-rollout', 2);
    const waiting = await inState(cluster, namespace, 'awaitingStart');
    expect(waiting.status).toMatchObject({
      phase: 'Waiting',
      rollout: { waitingFor: { kind: 'webhook', gate: 'confirm-rollout' } },
    });
    opens(namespace, 'confirm-rollout', 'pre-rollout');
    await asked(namespace, 'confirm-traffic-increase', 2);
    expect(callsOf(namespace, 'confirm-promotion')).toEqual([]);
    opens(namespace, 'confirm-traffic-increase');
    await asked(namespace, 'confirm-promotion', 2);
    expect((await inState(cluster, namespace, 'awaitingPromotion')).status).toMatchObject({
      phase: 'WaitingPromotion',
      canaryWeight: 50,
    });
    opens(namespace, 'confirm-promotion');
    await inState(cluster, namespace, 'succeeded');
  });

  test('fail a stage like a metric does', async () => {
    const namespace = 'hooks-tests';
    await initialized(namespace, 'rollout');
    await release(cluster, namespace, 'hello:2');
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status?.rollout?.reason).toBe(
      'Failed check 2 of 2 in stage all: webhook rollout failed: The webhook answered 403',
    );
  });

  test('take a rollout back when a rollback webhook agrees, and are told what happened', async () => {
    const namespace = 'hooks-rollback';
    await initialized(namespace, 'rollback', 'event', 'post-rollout');
    opens(namespace, 'rollback');
    await release(cluster, namespace, 'hello:2');
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status?.rollout?.reason).toBe('Aborted by webhook rollback: its answer asks for the rollback');
    await asked(namespace, 'post-rollout');
    await asked(namespace, 'event');
    expect(callsOf(namespace, 'post-rollout')[0]?.body).toMatchObject({ name: 'hello', phase: 'Failed' });
    expect(callsOf(namespace, 'event')[0]?.body.metadata).toMatchObject({ eventType: 'Normal' });
  });

  test.each(['confirm-rollout', 'rollout'])('that never answer (%s) do not hold up an abort', async (type) => {
    const namespace = `hooks-silent-${type}`;
    const webhooks = [{ name: 'slow', type, url: `${base}/${namespace}/silent`, timeout: '10m' }];
    await initializedHello(cluster, namespace, { analysis: { ...ONE_STAGE, webhooks } });
    await release(cluster, namespace, 'hello:2');
    await inState(cluster, namespace, type === 'rollout' ? 'analysing' : 'awaitingStart');
    await asked(namespace, 'silent');
    await decide(cluster, namespace, { action: 'Abort' });
    const ended = await inState(cluster, namespace, 'rolledBack');
    expect(ended.status?.rollout?.history[0]).toMatchObject({ outcome: 'aborted' });
  });

  test('of an AlertProvider are told when a rollout is taken back', async () => {
    const namespace = 'hooks-alerts';
    opens(namespace, 'chat');
    const provider = { type: 'slack', address: `${base}/${namespace}/chat`, channel: 'ops' };
    await createNamespace(cluster, namespace);
    await cluster.client.create(ALERT_PROVIDER, {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'AlertProvider',
      metadata: { name: 'chat', namespace },
      spec: provider,
    });
    cluster.metrics.set(namespace, { kind: 'value', value: 1 });
    const alerts = [{ name: 'ops', severity: 'error', providerRef: { name: 'chat' } }];
    await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
    await cluster.client.create(CANARY, helloCanary(namespace, { stages: [{ name: 'all', weight: 50 }], alerts }));
    await inState(cluster, namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    await asked(namespace, 'chat');
    expect(callsOf(namespace, 'chat')).toMatchObject([
      { body: { channel: 'ops', attachments: [{ author_name: `hello.${namespace}` }] } },
    ]);
  });
});
