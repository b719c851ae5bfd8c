/** Discovery against the embedded API server: the path that one machine takes, from a manifest to the proxy's socket. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Discovery, startDiscovery } from '../../src/discovery/start-discovery.ts';
import { connect } from '../../src/kube/connect.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { CUSTOM_RESOURCE_DEFINITION, ENDPOINT_SLICE, POD, SERVICE } from '../../src/kube/resource-types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { VIRTUAL_SERVICE } from '../../src/mesh/istio-kinds.ts';
import { renderVirtualService } from '../../src/mesh/render/render-virtual-service.ts';
import type { VirtualHost } from '../../src/mesh/table/route-table.ts';
import { type ApiServer, startApiServer } from '../../src/platform/api/api-server.ts';
import { type Commit, type ScriptedProxy, scriptedProxy } from './scripted-proxy.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-discovery-'));
const environment = { clock: systemClock, random: () => 0, logger: silentLogger };
let api: ApiServer;
let client: KubeClient;
let proxy: ScriptedProxy;
let discovery: Discovery;

beforeAll(async () => {
  api = await startApiServer({ dataDir, ...environment });
  const kubeconfigText = readFileSync(api.kubeconfigPath, 'utf8');
  client = await connect({ kubeconfigText, clock: systemClock, random: () => 0, userAgent: 'sluice-test' });
  proxy = await scriptedProxy();
});

afterAll(async () => {
  await discovery?.close();
  await proxy?.close();
  await client?.close();
  await api?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const definition = (kind: string): KubeObject =>
  parse(readFileSync(new URL(`../../deploy/crds/networking.istio.io_${kind}.yaml`, import.meta.url), 'utf8'));

const service = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
});

const split = (canaryWeight: number, existing?: KubeObject) =>
  renderVirtualService(
    {
      namespace: 'default',
      name: 'web',
      service: {},
      primaryHost: 'web-primary',
      canaryHost: 'web-canary',
      canaryWeight,
    },
    existing,
  );

/** Accepts commits until one fits; kinds and objects arrive in an order that nobody promises. */
async function commitWith(fits: (commit: Commit) => boolean): Promise<Commit> {
  for (;;) {
    const commit = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: commit.version });
    if (fits(commit)) return commit;
  }
}

function weightsIn({ puts }: Commit): number[] | undefined {
  const item = puts.find(({ name }) => name === 'web.default.svc.cluster.local:80');
  const action = (item?.value as VirtualHost | undefined)?.routes[0]?.action;
  return action?.kind === 'forward' ? action.clusters.map(({ weight }) => weight) : undefined;
}

async function observedGeneration(): Promise<number> {
  const object = await client.get(VIRTUAL_SERVICE, { namespace: 'default', name: 'web' });
  return Number((object?.status as { observedGeneration?: number } | undefined)?.observedGeneration ?? 0);
}

/** Resolves when the status has come to `generation`, by watching it. */
async function whenObserved(generation: number): Promise<void> {
  const { resourceVersion } = await client.list(VIRTUAL_SERVICE);
  if ((await observedGeneration()) >= generation) return;
  const signal = AbortSignal.timeout(20_000);
  for await (const event of client.watch(VIRTUAL_SERVICE, { resourceVersion, timeoutSeconds: 30, signal })) {
    if (event.type === 'MODIFIED' && (await observedGeneration()) >= generation) return;
  }
}

test('a split travels from the API server to the proxy, and its generation back', async () => {
  // Started before Istio's kinds exist, as on the first `sluice up`.
  discovery = startDiscovery({ client, socketPath: proxy.socketPath, ...environment });
  await discovery.synced;
  for (const name of ['web', 'web-primary', 'web-canary']) await client.create(SERVICE, service(name));
  for (const kind of ['virtualservice', 'destinationrule']) {
    await client.create(CUSTOM_RESOURCE_DEFINITION, definition(kind));
  }
  await commitWith(({ puts }) => puts.some(({ kind }) => kind === 'virtualHost'));

  await whenKindIsServed();
  const created = await client.create(VIRTUAL_SERVICE, split(10));
  await commitWith((commit) => weightsIn(commit)?.join() === '90,10');
  await whenObserved(created.metadata.generation ?? 1);

  const current = await client.get(VIRTUAL_SERVICE, { namespace: 'default', name: 'web' });
  const changed = await client.replace(VIRTUAL_SERVICE, split(50, current));
  await commitWith((commit) => weightsIn(commit)?.join() === '50,50');
  await whenObserved(changed.metadata.generation ?? 2);
  expect(await observedGeneration()).toBe(changed.metadata.generation);
});

test('an endpoint is sent with the announced address of its pod', async () => {
  await client.create(POD, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      annotations: { 'platform.sluice.dev/listen': '{"8080":"127.0.0.1:41234"}' },
    },
    spec: { containers: [{ name: 'web', image: 'local', command: ['node'] }] },
  });
  await client.create(ENDPOINT_SLICE, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-x', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web-canary' } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [
      {
        addresses: ['10.244.0.9'],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: 'web-1', namespace: 'default' },
      },
    ],
  });
  const commit = await commitWith(({ puts }) => puts.some(({ kind }) => kind === 'endpoints'));
  expect(commit.puts).toMatchObject([
    {
      value: {
        cluster: 'outbound|80||web-canary.default.svc.cluster.local',
        endpoints: [{ address: '127.0.0.1:41234' }],
      },
    },
  ]);
});

/** A definition is served a moment after it was created. */
async function whenKindIsServed(): Promise<void> {
  for (;;) {
    const answer = await client.raw({ method: 'GET', path: '/apis/networking.istio.io/v1beta1/virtualservices' });
    if (answer.status === 200) return;
  }
}
