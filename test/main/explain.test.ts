import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../src/cli/run-cli.ts';
import { compileObjects } from '../../src/discovery/compile-objects.ts';
import { tableItems } from '../../src/discovery/table-items.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { explain } from '../../src/main/explain.ts';
import { surroundingsAt } from '../support/cli.ts';
import { serving } from '../support/listed-objects.ts';
import { startProxyUnderTest } from '../support/running-proxy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-explain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SPLIT = `
- apiVersion: networking.istio.io/v1
  kind: ServiceEntry
  metadata: { name: web, namespace: default }
  spec:
    hosts: [web.example.com]
    resolution: STATIC
    ports: [{ number: 80, name: http, protocol: HTTP }]
    endpoints: [{ address: 10.0.0.1, labels: { version: v1 } }, { address: 10.0.0.2, labels: { version: v2 } }]
- apiVersion: networking.istio.io/v1
  kind: DestinationRule
  metadata: { name: web, namespace: default }
  spec:
    host: web.example.com
    trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3, baseEjectionTime: 10s } }
    subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]
- apiVersion: networking.istio.io/v1
  kind: VirtualService
  metadata: { name: web, namespace: default }
  spec:
    hosts: [web.example.com]
    http:
      - name: staff
        match: [{ headers: { user-type: { exact: internal } } }]
        route: [{ destination: { host: web.example.com, subset: v2 } }]
      - name: split
        rewrite: { uri: /v2/ }
        match: [{ uri: { prefix: /api/ } }]
        timeout: 2s
        route:
          - { destination: { host: web.example.com, subset: v1 }, weight: 90 }
          - { destination: { host: web.example.com, subset: v3 }, weight: 10 }
`;
const objects = parse(SPLIT) as KubeObject[];

async function run(argv: readonly string[], served?: readonly KubeObject[]) {
  const { io, written } = surroundingsAt(folder, {
    env: { KUBECONFIG: 'given' },
    ...(served && { connect: async () => serving(served) }),
  });
  const code = await runCli(['explain', ...argv], { ...io, explain: (command) => explain(command, io) });
  return { code, ...written };
}

const REQUEST = ['--host', 'web.example.com', '--path', '/api/x?y'];
const EXPLAINED = `GET http://web.example.com/api/x?y
Host web.example.com is web.example.com:80

VirtualService default/web
  ✗  1  staff
         ✗ header user-type exact "internal"  the request has none
  ✔  2  split
         ✔ uri prefix "/api/"

→    90 %  web.example.com port 80 subset v1
             1 endpoint: 10.0.0.1:80
             DestinationRule default/web
             least request · connects within 10s · ejects for 10s after 3 errors in a row
→    10 %  web.example.com port 80 subset v3
             503: there is no such service, port or subset

  path     /api/x?y becomes /v2/x?y
  timeout  2s
`;

describe('sluice explain', () => {
  beforeEach(() => writeFileSync(join(folder, 'mesh.yaml'), JSON.stringify({ kind: 'List', items: objects })));

  test('explains a folder, with no server at all', async () => {
    const { code, out, err } = await run(['-f', '.', ...REQUEST]);
    expect(out.startsWith(EXPLAINED)).toBe(true);
    expect(code).toBe(0);
    expect(err).toContain('SL0303');
  });

  test('explains what an API server has', async () => {
    const { code, out } = await run(REQUEST, objects);
    expect(out.startsWith(EXPLAINED)).toBe(true);
    expect(code).toBe(0);
  });

  test('explains what a proxy serves', async () => {
    const proxy = await startProxyUnderTest();
    try {
      const { table } = compileObjects(objects, { role: 'sidecar', caller: {}, strict: false });
      const items = [...tableItems(table).values()].map((item) => ({ type: 'put', item }) as const);
      await proxy.hand([...items, { type: 'commit', version: 1 }]);
      const { code, out } = await run([...REQUEST, '--admin', `127.0.0.1:${proxy.adminPort}`]);
      expect(out.startsWith(EXPLAINED)).toBe(true);
      expect(code).toBe(0);
    } finally {
      await proxy.close();
    }
  });

  test('takes conditions on what the request has', async () => {
    const { out } = await run(['-f', '.', '--host', 'web.example.com', '-H', 'User-Type: internal']);
    expect(out).toContain('✔  1  staff\n         ✔ header user-type exact "internal"\n  1 more rule is not looked at');
    expect(out).toContain('→   100 %  web.example.com port 80 subset v2');
  });

  test('normalises the path as the proxy does', async () => {
    expect((await run(['-f', '.', '--host', 'web.example.com', '--path', '/api\\x/../z'])).out).toContain('/v2/z');
  });

  test.each([
    [
      'a path that is refused',
      ['--host', 'web.example.com', '--path', '/a%00'],
      '400: the proxy refuses the path /a%00\n',
    ],
    [
      'a host that nobody has',
      ['--host', 'gone'],
      '503 (at a gateway 404): nobody here is called gone\nKnown hosts:\n  web.example.com:80\n',
    ],
    [
      'a port that the host has not',
      ['--host', 'web.example.com', '--port', '81'],
      '503 (at a gateway 404): nobody here is called web.example.com on port 81\nNo host has a name here.\n',
    ],
  ])('ends with 1 for %s', async (_sentence, argv, out) => {
    expect(await run(['-f', '.', ...argv])).toMatchObject({ code: 1, out });
  });

  test('ends with 1 when no rule takes the request', async () => {
    const { code, out } = await run(['-f', '.', '--host', 'web.example.com', '--path', '/other']);
    expect(code).toBe(1);
    expect(out).toContain('→ 404: no rule takes the request');
  });

  test('asks the settings of the mesh, too', async () => {
    writeFileSync(join(folder, 'settings'), 'defaultHttpRetryPolicy: { attempts: 7 }');
    const { out } = await run([
      '-f',
      'mesh.yaml',
      '--mesh',
      'settings',
      '--host',
      'web.example.com',
      '--path',
      '/api/',
    ]);
    expect(out).toContain('retries  up to 7 on');
  });

  test('prints JSON', async () => {
    const { out } = await run(['-f', '.', ...REQUEST, '-o', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      virtualHost: 'web.example.com:80',
      rules: [{ name: 'staff', virtualService: 'default/web', taken: false }, { taken: true }],
      outcome: { kind: 'forward', destinations: [{ percent: 90 }, { percent: 10 }], path: '/v2/x?y', timeoutMs: 2_000 },
    });
  });

  test.each([
    ['NONE', 1],
    ['MERGE_SLASHES', 0],
  ])('reads the path as the settings of the mesh say: %s', async (normalization, code) => {
    writeFileSync(join(folder, 'settings'), JSON.stringify({ pathNormalization: { normalization } }));
    const argv = ['-f', 'mesh.yaml', '--mesh', 'settings', '--host', 'web.example.com', '--path', '//api//x'];
    expect((await run(argv)).code).toBe(code);
  });

  test('says that no proxy answers', async () => {
    const { code, err } = await run([...REQUEST, '--admin', '1']);
    expect(code).toBe(1);
    expect(err).toContain('SL0405: No proxy answers at http://127.0.0.1:1/config_dump');
  });
});
