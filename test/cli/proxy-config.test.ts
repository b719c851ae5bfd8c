/** `sluice proxy-config` and `sluice proxy-status` against a proxy that runs. */

import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../src/cli/run-cli.ts';
import { compileObjects } from '../../src/discovery/compile-objects.ts';
import { tableItems } from '../../src/discovery/table-items.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { surroundingsAt } from '../support/cli.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';

const MESH = `
- apiVersion: networking.istio.io/v1
  kind: ServiceEntry
  metadata: { name: web, namespace: shop }
  spec:
    hosts: [web.example.com, alias.example.com]
    resolution: STATIC
    ports: [{ number: 80, name: http, protocol: HTTP }]
    endpoints: [{ address: 127.0.0.1, ports: { http: 9 }, labels: { version: v1 }, locality: r/z }]
- apiVersion: networking.istio.io/v1
  kind: ServiceEntry
  metadata: { name: far, namespace: shop }
  spec: { hosts: [far.example.com], resolution: DNS, ports: [{ number: 8080, name: http, protocol: HTTP }] }
- apiVersion: networking.istio.io/v1
  kind: DestinationRule
  metadata: { name: rule, namespace: shop }
  spec:
    host: web.example.com
    subsets: [{ name: v1, labels: { version: v1 } }]
    trafficPolicy:
      outlierDetection: { consecutive5xxErrors: 1, baseEjectionTime: 600s, interval: 600s, maxEjectionPercent: 100 }
- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata: { name: routes, namespace: shop }
  spec:
    hosts: [web.example.com]
    http:
      - match: [{ uri: { exact: /e } }, { uri: { regex: /r.* } }, { uri: { prefix: /p }, method: { exact: GET } }]
        directResponse: { status: 204 }
      - route: [{ destination: { host: web.example.com, subset: v1 } }]
`;

let proxy: ProxyUnderTest;
beforeAll(async () => {
  proxy = await startProxyUnderTest();
  const objects = parse(MESH) as KubeObject[];
  const { table } = compileObjects(objects, { role: 'sidecar', caller: {}, strict: false });
  const items = [...tableItems(table).values()].map((item) => ({ type: 'put', item }) as const);
  await proxy.hand([...items, { type: 'commit', version: 7 }]);
});
afterAll(() => proxy.close());

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { io, written } = surroundingsAt(tmpdir());
  const code = await runCli([...argv, '--admin', String(proxy.adminPort)], io);
  return { code, ...written };
}

const SOON = { timeout: 20_000, interval: 50 };

function statusOf(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: proxy.httpPort, host: '127.0.0.1', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
}

/** Cells of a table, since columns stand three blanks apart. */
const cells = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {3,}/));

describe('sluice proxy-config', () => {
  test('routes shows virtual hosts, matches, and whose rules they are', async () => {
    const { code, out } = await run('proxy-config', 'routes', '--name', '80');
    expect(code).toBe(0);
    expect(cells(out)).toEqual([
      ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'],
      ['80', 'alias.example.com:80', 'alias.example.com', '/*'],
      ['80', 'web.example.com:80', 'web.example.com', '/e', 'routes.shop'],
      ['80', 'web.example.com:80', 'web.example.com', '~/r.*', 'routes.shop'],
      ['80', 'web.example.com:80', 'web.example.com', '/p* & more', 'routes.shop'],
      ['80', 'web.example.com:80', 'web.example.com', '/*', 'routes.shop'],
    ]);
  });

  test('clusters shows service, port, subset and rule', async () => {
    const { out } = await run('pc', 'c');
    expect(cells(out)).toEqual([
      ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'],
      ['alias.example.com', '80', '-', 'outbound', 'EDS'],
      ['far.example.com', '8080', '-', 'outbound', 'STRICT_DNS'],
      ['web.example.com', '80', '-', 'outbound', 'EDS', 'rule.shop'],
      ['web.example.com', '80', 'v1', 'outbound', 'EDS', 'rule.shop'],
    ]);
  });

  test.each([
    [['--fqdn', 'web.example.com'], 2],
    [['--port', '8080'], 1],
    [['--subset', 'v1'], 1],
    [['--direction', 'outbound'], 4],
    [['--fqdn', 'web.example.com', '--port', '8080'], 0],
  ])('clusters are filtered by %s', async (filters, count) => {
    const { out } = await run('pc', 'clusters', '-o', 'json', ...filters);
    expect(JSON.parse(out)).toHaveLength(count);
  });

  test('listeners shows where connections are taken', async () => {
    const { out } = await run('pc', 'listeners');
    expect(cells(out)).toEqual([
      ['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'],
      ['127.0.0.1', String(proxy.httpPort), 'ALL', 'Route: every port, by Host'],
    ]);
  });

  test('endpoints shows which one outlier detection took out', async () => {
    const before = await run('pc', 'ep', '--cluster', 'outbound|80|v1|web.example.com');
    expect(cells(before.out)).toEqual([
      ['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'],
      ['127.0.0.1:9', 'HEALTHY', 'r/z', 'outbound|80|v1|web.example.com'],
    ]);
    // Nobody listens there, so that one request is enough.
    expect(await statusOf('web.example.com')).toBe(503);
    await vi.waitFor(async () => {
      const { out } = await run('pc', 'ep', '--status', 'unhealthy');
      expect(cells(out)[1]).toEqual(['127.0.0.1:9', 'UNHEALTHY', 'r/z', 'outbound|80|v1|web.example.com']);
    }, SOON);
  });

  test('YAML has the same as JSON', async () => {
    const [json, yaml] = [await run('pc', 'r', '-o', 'json'), await run('pc', 'r', '-o', 'yaml')];
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out));
    expect(JSON.parse(json.out)).toMatchObject([{ name: 'alias.example.com:80' }, { name: 'web.example.com:80' }, {}]);
  });

  test('says when there is nothing to show', async () => {
    expect(await run('pc', 'endpoints', '--status', 'unhealthy', '--port', '1')).toEqual({
      code: 0,
      out: '',
      err: 'The proxy has none\n',
    });
  });

  test('ends with 1 and says what to do when no proxy answers', async () => {
    const { io, written } = surroundingsAt(tmpdir(), {});
    expect(await runCli(['pc', 'routes', '--admin', '1'], io)).toBe(1);
    expect(written.err).toContain('SL0405');
    expect(written.err).toContain('Start one with `sluice up` or `sluice proxy`');
  });
});

describe('sluice proxy-status', () => {
  test('shows every worker with the table that it serves', async () => {
    const [header, row, ...others] = cells((await run('proxy-status')).out);
    expect(header).toEqual(['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES']);
    expect(row).toEqual([
      expect.stringMatching(/^worker-\d+$/),
      'local',
      'sluice (table 7)',
      'unknown',
      '4 (CDS,LDS,EDS,RDS)',
    ]);
    expect(others).toEqual([]);
  });

  test('has a column for each type on demand', async () => {
    const [header, row] = cells((await run('ps', '-v')).out);
    expect(header).toEqual(['NAME', 'CLUSTER', 'CDS', 'LDS', 'EDS', 'RDS', 'ECDS', 'ISTIOD', 'VERSION']);
    expect(row?.slice(2, 7)).toEqual(['SYNCED', 'SYNCED', 'SYNCED', 'SYNCED', 'IGNORED']);
  });

  test('says that a table was refused, and why, until one is accepted', async () => {
    const bad = { kind: 'cluster', name: 'bad', hash: '', value: {} } as never;
    await proxy.hand([
      { type: 'put', item: bad },
      { type: 'commit', version: 8 },
    ]);
    const { out, err } = await run('ps', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      tableVersion: 7,
      refused: { version: 8 },
      workers: [{ tableVersion: 7, state: 'STALE' }],
    });
    expect(err).toMatch(/^SL0310: table 8 was refused, 7 stays in force: cluster\/bad: /);
    await proxy.hand([{ type: 'commit', version: 9 }]);
    expect(JSON.parse((await run('ps', '-o', 'json')).out)).toMatchObject({
      workers: [{ tableVersion: 9, state: 'SYNCED' }],
    });
  });
});
