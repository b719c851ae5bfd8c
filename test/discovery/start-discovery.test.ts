import { afterEach, describe, expect, test } from 'vitest';
import { type Discovery, startDiscovery } from '../../src/discovery/start-discovery.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { TableIssue } from '../../src/mesh/compile/table-issue.ts';
import type { TableItem } from '../../src/mesh/table/handover.ts';
import { type ScriptedProxy, scriptedProxy } from './scripted-proxy.ts';
import { type SmallApiServer, smallApiServer } from './small-api-server.ts';

const object = (kind: string, name: string, rest: Record<string, unknown>, metadata = {}): KubeObject => ({
  apiVersion: ['VirtualService', 'ServiceEntry'].includes(kind) ? 'networking.istio.io/v1beta1' : 'v1',
  kind,
  metadata: { name, namespace: 'default', ...metadata },
  ...rest,
});
const service = (name: string) => object('Service', name, { spec: { ports: [{ name: 'http', port: 80 }] } });
const pod = (name: string, metadata = {}) =>
  object(
    'Pod',
    name,
    {},
    {
      labels: { app: 'web' },
      annotations: { 'platform.sluice.dev/listen': `{"8080":"127.0.0.1:1${name.length}"}` },
      ...metadata,
    },
  );
const slice = (serviceName: string, pods: string[]) =>
  object(
    'EndpointSlice',
    `${serviceName}-x`,
    {
      ports: [{ name: 'http', port: 8080 }],
      endpoints: pods.map((name) => ({
        addresses: ['10.244.0.1'],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name },
      })),
    },
    { labels: { 'kubernetes.io/service-name': serviceName } },
  );
const route = (host: string, generation: number) =>
  object(
    'VirtualService',
    'web',
    { spec: { hosts: ['web'], http: [{ route: [{ destination: { host } }] }] } },
    { generation },
  );

let api: SmallApiServer;
let proxy: ScriptedProxy;
let discovery: Discovery;
let issues: readonly TableIssue[] = [];
afterEach(async () => {
  await discovery.close();
  await proxy.close();
  await api.close();
});

async function start(prepare: (api: SmallApiServer) => void, missing: string[] = []) {
  api = await smallApiServer({ missing });
  proxy = await scriptedProxy();
  issues = [];
  prepare(api);
  discovery = startDiscovery({
    client: api.client,
    socketPath: proxy.socketPath,
    clock: systemClock,
    random: () => 0,
    logger: silentLogger,
    resolve: async () => ({ addresses: ['192.0.2.7'] }),
    onIssues: (found) => {
      issues = found;
    },
  });
  await discovery.synced;
}

/** Takes the next commit and says that every worker serves it. */
async function accept(): Promise<TableItem[]> {
  const { version, puts } = await proxy.nextCommit();
  proxy.answer({ type: 'accepted', version });
  return puts;
}

const addressesIn = (items: readonly TableItem[]) =>
  items.flatMap((item) => (item.kind === 'endpoints' ? item.value.endpoints.map(({ address }) => address) : []));

describe('discovery', () => {
  test('hands out a service with the address where its pod really listens', async () => {
    await start((server) => {
      server.put('services', service('web'));
      server.put('pods', pod('a'));
      server.put('endpointslices', slice('web', ['a', 'unknown']));
    });
    const items = await accept();
    expect(items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'cluster outbound|80||web.default.svc.cluster.local',
      'endpoints outbound|80||web.default.svc.cluster.local',
      'virtualHost web.default.svc.cluster.local:80',
    ]);
    expect(addressesIn(items)).toEqual(['127.0.0.1:11']);
  });

  test('sends only endpoints when only a pod changes', async () => {
    await start((server) => {
      server.put('services', service('web'));
      server.put('endpointslices', slice('web', ['late']));
    });
    await accept();
    api.put('pods', pod('late'));
    const items = await accept();
    expect(items.map(({ kind }) => kind)).toEqual(['endpoints']);
    expect(addressesIn(items)).toEqual(['127.0.0.1:14']);
  });

  test('does not write the generation of a VirtualService whose virtual host the proxy skipped', async () => {
    await start((server) => {
      for (const name of ['web', 'other']) server.put('services', service(name));
      server.put('virtualservices', route('web', 3));
      server.put('virtualservices', {
        ...route('web', 5),
        metadata: { name: 'other', namespace: 'default', generation: 5 },
        spec: { hosts: ['other'], http: [{ route: [{ destination: { host: 'other' } }] }] },
      });
    });
    const { version } = await proxy.nextCommit();
    const skipped = [{ name: 'web.default.svc.cluster.local:80', reason: 'too clever' }];
    proxy.answer({ type: 'accepted', version, skipped });
    expect(await api.nextPatch()).toMatchObject({ path: expect.stringMatching(/other\/status$/) });
    api.put('virtualservices', route('other', 4));
    await accept();
    expect(await api.nextPatch()).toMatchObject({ body: { status: { observedGeneration: 4 } } });
  });

  test('hands out a ServiceEntry with the addresses that DNS gives', async () => {
    const spec = {
      hosts: ['db.example.com'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'DNS',
    };
    await start((server) => server.put('serviceentries', object('ServiceEntry', 'db', { spec })));
    const items = await accept();
    const further = addressesIn(items).length > 0 ? items : await accept();
    expect(addressesIn(further)).toEqual(['192.0.2.7:80']);
  });

  test('writes the generation of a VirtualService once a table with it is served', async () => {
    await start((server) => {
      for (const name of ['web', 'web-canary']) server.put('services', service(name));
      server.put('virtualservices', route('web', 3));
    });
    const first = await proxy.nextCommit();
    proxy.answer({ type: 'accepted', version: first.version });
    expect(await api.nextPatch()).toEqual({
      path: '/apis/networking.istio.io/v1beta1/namespaces/default/virtualservices/web/status',
      body: { status: { observedGeneration: 3, tableVersion: first.version } },
    });
    api.put('virtualservices', route('web-canary', 4));
    await accept();
    expect(await api.nextPatch()).toMatchObject({ body: { status: { observedGeneration: 4 } } });
  });

  test('leaves out a broken VirtualService and says so, without touching the others', async () => {
    await start((server) => {
      server.put('services', service('web'));
      server.put('virtualservices', object('VirtualService', 'bad', { spec: { hosts: ['*'], http: [{}] } }));
      server.put('virtualservices', route('web', 1));
    });
    const items = await accept();
    expect(items.filter(({ kind }) => kind === 'virtualHost')).toHaveLength(1);
    expect(issues.map(({ level, name, path }) => `${level} ${name} ${path}`)).toEqual([
      'error bad spec.hosts[0]',
      'error bad spec.http[0]',
    ]);
  });

  test('acknowledges a pod that leaves only when a table without it is served', async () => {
    await start((server) => {
      server.put('services', service('web'));
      for (const name of ['a', 'bb']) server.put('pods', pod(name));
      server.put('endpointslices', slice('web', ['a', 'bb']));
    });
    expect(addressesIn(await accept())).toEqual(['127.0.0.1:11', '127.0.0.1:12']);
    let acknowledged = false;
    const without = discovery.acknowledgedWithout({ namespace: 'default', name: 'bb' }).then(() => {
      acknowledged = true;
    });
    api.put('pods', pod('bb', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    const { version, puts } = await proxy.nextCommit();
    expect(addressesIn(puts)).toEqual(['127.0.0.1:11']);
    expect(acknowledged).toBe(false);
    proxy.answer({ type: 'accepted', version });
    await without;
    await discovery.acknowledgedWithout({ namespace: 'default', name: 'never-seen' });
  });

  test('serves the only pod of a service until its slice names another one', async () => {
    await start((server) => {
      server.put('services', service('web'));
      for (const name of ['a', 'bb']) server.put('pods', pod(name));
      server.put('endpointslices', slice('web', ['a']));
    });
    expect(addressesIn(await accept())).toEqual(['127.0.0.1:11']);
    api.put('pods', pod('a', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    // Another service, so that there is a change to see.
    api.put('services', service('other'));
    const between = await proxy.nextCommit();
    expect(between.puts.map(({ name }) => name)).not.toContain('outbound|80||web.default.svc.cluster.local');
    proxy.answer({ type: 'accepted', version: between.version });
    let acknowledged = false;
    const without = discovery.acknowledgedWithout({ namespace: 'default', name: 'a' }).then(() => {
      acknowledged = true;
    });
    api.put('endpointslices', slice('web', ['bb']));
    const { version, puts } = await proxy.nextCommit();
    expect(addressesIn(puts)).toEqual(['127.0.0.1:12']);
    expect(acknowledged).toBe(false);
    proxy.answer({ type: 'accepted', version });
    await without;
  });

  test('starts without Istio and without the right to see nodes', async () => {
    await start((server) => server.put('services', service('web')), ['virtualservices', 'destinationrules', 'nodes']);
    expect((await accept()).map(({ kind }) => kind)).toContain('virtualHost');
  });

  test('removes a service that is deleted', async () => {
    await start((server) => {
      for (const name of ['web', 'gone']) server.put('services', service(name));
    });
    await accept();
    api.remove('services', 'default', 'gone');
    expect((await proxy.nextCommit()).removes).toContain('virtualHost/gone.default.svc.cluster.local:80');
  });
});
