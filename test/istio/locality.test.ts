/** Near endpoints first, far ones when those fail, and shares by locality: `sluice proxy --locality` as a process (istio.md 5.5). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, instanceOf, type Mesh, PATIENCE_MS, type Reply, startMesh } from './mesh.ts';

const HOST = 'places.default.svc.cluster.local';
const SERVICE = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: places }
spec:
  hosts: [${HOST}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  endpoints:
    - { address: 127.0.0.1, ports: { http: \${e1} }, locality: eu/one/a }
    - { address: 127.0.0.1, ports: { http: \${e2} }, locality: eu/two/a }
    - { address: 127.0.0.1, ports: { http: \${e3} }, locality: us/one/a }
    - { address: 127.0.0.1, ports: { http: \${e4} }, locality: asia/one/a }
`;
const rule = (trafficPolicy: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: places }
spec:
  host: places
  trafficPolicy: ${trafficPolicy}
`;
const DETECTION = '{ consecutive5xxErrors: 1, baseEjectionTime: 1h, maxEjectionPercent: 100 }';
const FAILOVER = `{ outlierDetection: ${DETECTION}, loadBalancer: { localityLbSetting: { failover: [{ from: eu, to: asia }] } } }`;
const DISTRIBUTE =
  '{ loadBalancer: { localityLbSetting: { distribute: [{ from: eu/*, to: { "eu/*": 80, us: 20 } }] } } }';

function shares(replies: readonly Reply[]): Record<string, number> {
  const byInstance = Map.groupBy(replies, instanceOf);
  return Object.fromEntries(
    [...byInstance].map(([name, { length }]) => [name, Math.round((100 * length) / replies.length)]),
  );
}

describe('a caller in eu/one', () => {
  let mesh: Mesh;
  beforeAll(async () => {
    mesh = await startMesh({
      host: HOST,
      yaml: documents(SERVICE, rule(FAILOVER)),
      args: ['--locality', 'eu/one/a', '--namespace', 'default'],
    });
  }, PATIENCE_MS);
  afterAll(() => mesh?.close());
  const ask = (count: number) => mesh.askMany(count, () => ({}));
  const fail = (instance: string) => mesh.ask({ headers: { [`x-up-${instance}`]: '500' } });

  test('is served from its place, and further away as the near ones fail', async () => {
    for (const nearest of ['e1', 'e2', 'e4', 'e3']) {
      expect(shares(await ask(20))).toEqual({ [nearest]: 100 });
      expect((await fail(nearest)).status).toBe(500);
    }
    expect((await ask(1))[0]).toMatchObject({ status: 503, body: 'no healthy upstream' });
    expect(mesh.findings()).toBe('');
  });

  test('is served by the shares of the localities', async () => {
    await mesh.edit('mesh.yaml', documents(SERVICE, rule(DISTRIBUTE)));
    const { e1 = 0, e2 = 0, e3 = 0, e4 = 0 } = shares(await ask(1_000));
    expect([Math.abs(e1 - 40), Math.abs(e2 - 40), Math.abs(e3 - 20)].every((off) => off <= 8)).toBe(true);
    expect(e4).toBe(0);
  });

  test('is told that a passed-through address is no destination', async () => {
    await mesh.edit('mesh.yaml', documents(SERVICE, rule('{ loadBalancer: { simple: PASSTHROUGH } }')));
    expect((await mesh.ask({})).status).toBe(503);
    expect(mesh.findings()).toContain('SL0302');
  });
});

test('a caller of an unknown place is served from everywhere, and told what is missing', async () => {
  const mesh = await startMesh({ host: HOST, yaml: documents(SERVICE, rule(FAILOVER)) });
  try {
    expect(Object.keys(shares(await mesh.askMany(100, () => ({})))).sort()).toEqual(['e1', 'e2', 'e3', 'e4']);
    expect(mesh.findings()).toContain('--locality');
  } finally {
    await mesh.close();
  }
});
