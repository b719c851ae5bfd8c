/** Gates, tests and rollbacks by webhook, against a real receiver. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARY } from '../../src/canary/canary.schema.ts';
import { DEPLOYMENT } from '../../src/kube/resource-types.ts';
import { ALERT_PROVIDER } from '../../src/notify/alert-provider.schema.ts';
import {
  type Cluster,
  createNamespace,
  helloCanary,
  helloDeployment,
  release,
  startCluster,
  until,
  untilCanary,
} from './cluster.ts';

type Call = {
  path: string;
  body: { name: string; phase: string; checksum: string; metadata?: Record<string, string> };
};

let cluster: Cluster;
let server: Server;
let base: string;
let calls: Call[] = [];
/** Paths that answer 200; all others answer 403. */
let open: Set<string> = new Set();

beforeAll(async () => {
  cluster = await startCluster();
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      calls.push({ path: request.url ?? '', body: JSON.parse(text) as Call['body'] });
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
  calls = [];
  open = new Set();
  const webhooks = types.map((type) => ({ name: type, type, url: `${base}/${type}` }));
  await createNamespace(cluster, namespace);
  await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
  await cluster.client.create(
    CANARY,
    helloCanary(namespace, { stages: [{ name: 'all', weight: 50, duration: '1s' }], webhooks }),
  );
  await inState(namespace, 'initialized');
}

const inState = (namespace: string, state: string) =>
  untilCanary(cluster, { namespace, what: `state ${state}` }, ({ status }) => status?.rollout?.state === state);
const asked = (path: string, times = 1) =>
  until(cluster, async () => calls.filter((call) => call.path === path).length >= times, `${times} calls of ${path}`);

describe('webhooks', () => {
  test('hold a rollout at each gate until they agree, and say so', async () => {
    const namespace = 'hooks-gates';
    await initialized(namespace, 'confirm-rollout', 'pre-rollout', 'confirm-traffic-increase', 'confirm-promotion');
    await release(cluster, namespace, 'hello:2');
    await asked('/confirm-rollout', 2);
    const waiting = await inState(namespace, 'awaitingStart');
    expect(waiting.status).toMatchObject({
      phase: 'Waiting',
      rollout: { waitingFor: { kind: 'webhook', gate: 'confirm-rollout' } },
    });
    open.add('/confirm-rollout').add('/pre-rollout');
    await asked('/confirm-traffic-increase', 2);
    expect(calls.some(({ path }) => path === '/confirm-promotion')).toBe(false);
    open.add('/confirm-traffic-increase');
    await asked('/confirm-promotion', 2);
    expect((await inState(namespace, 'awaitingPromotion')).status).toMatchObject({
      phase: 'WaitingPromotion',
      canaryWeight: 50,
    });
    open.add('/confirm-promotion');
    await inState(namespace, 'succeeded');
  });

  test('fail a stage like a metric does', async () => {
    const namespace = 'hooks-tests';
    await initialized(namespace, 'rollout');
    await release(cluster, namespace, 'hello:2');
    const ended = await inState(namespace, 'rolledBack');
    expect(ended.status?.rollout?.reason).toBe(
      'Failed check 2 of 2 in stage all: webhook rollout failed: The webhook answered 403',
    );
  });

  test('take a rollout back when a rollback webhook agrees, and are told what happened', async () => {
    const namespace = 'hooks-rollback';
    await initialized(namespace, 'rollback', 'event', 'post-rollout');
    open.add('/rollback');
    await release(cluster, namespace, 'hello:2');
    const ended = await inState(namespace, 'rolledBack');
    expect(ended.status?.rollout?.reason).toBe('Aborted by webhook rollback: its answer asks for the rollback');
    await asked('/post-rollout');
    await asked('/event');
    expect(calls.find(({ path }) => path === '/post-rollout')?.body).toMatchObject({ name: 'hello', phase: 'Failed' });
    expect(calls.find(({ path }) => path === '/event')?.body.metadata).toMatchObject({ eventType: 'Normal' });
  });

  test('of an AlertProvider are told when a rollout is taken back', async () => {
    const namespace = 'hooks-alerts';
    calls = [];
    open = new Set(['/chat']);
    const provider = { type: 'slack', address: `${base}/chat`, channel: 'ops' };
    await createNamespace(cluster, namespace);
    await cluster.client.create(ALERT_PROVIDER, {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'AlertProvider',
      metadata: { name: 'chat', namespace },
      spec: provider,
    });
    cluster.metrics.answer = () => ({ kind: 'value', value: 1 });
    const alerts = [{ name: 'ops', severity: 'error', providerRef: { name: 'chat' } }];
    await cluster.client.create(DEPLOYMENT, helloDeployment(namespace));
    await cluster.client.create(CANARY, helloCanary(namespace, { stages: [{ name: 'all', weight: 50 }], alerts }));
    await inState(namespace, 'initialized');
    await release(cluster, namespace, 'hello:2');
    await asked('/chat');
    expect(calls).toMatchObject([{ body: { channel: 'ops', attachments: [{ author_name: `hello.${namespace}` }] } }]);
  });
});
