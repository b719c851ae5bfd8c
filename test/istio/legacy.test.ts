/** What old articles write: understood and said (S6, S9, S23 to S25), and refused in strict mode, as Istio does. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

const YAML = documents(
  service('basket', { v1: ['e1'] }),
  `apiVersion: networking.istio.io/v1beta1
kind: VirtualService
metadata: { name: basket }
spec:
  hosts: [basket]
  http:
    - route: [{ destination: { host: basket } }]
      retries:
        attempts: 5
        perTryTimeout: 3s
        retryOn: [connect-failure, refused-stream, unavailable, 5xx]
`,
  service('y-service', { v1: ['e2'] }),
  `apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: y-service }
spec:
  host: y-service
  trafficPolicy:
    loadBalancer: { simple: LEAST_CONN }
    retryPolicy: { maxAttempts: 2, retryOn: 5xx }
    connectionPool: { http: { maxConnections: 100, maxPendingRequests: 500 } }
    outlierDetection: { consecutiveErrors: 7, minHealthPercentage: 95 }
`,
  service('far', { v1: ['e3'] }).replace('version: v1 } }', 'version: v1 }, locality: region1/zone1 }'),
  `apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: { name: far }
spec:
  host: far
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: true
        distribute: [{ from: region1/zone1/*, to: { "region1/zone1/*": 80, "region2/zone1/*": 20 } }]
        failover: [{ from: region1, to: region2 }]
`,
  `apiVersion: config.istio.io/v1alpha2
kind: RouteRule
metadata: { name: cookies }
spec:
  destination: { name: basket }
  precedence: 2
  match: { request: { headers: { cookie: { regex: "^(.*?;)?(user=jason)(;.*)?$" } } } }
`,
  `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: backend-service }
spec:
  hosts: [backend]
  tls:
  - match:
    - sniHosts: ["*"]
     serverCertificate: /etc/certs/server.pem
`,
);

/** Lines about the resource, without what the messages say. */
function codesAbout(mesh: Mesh, resource: string): string[] {
  const lines = mesh.findings().split('\n');
  return lines.filter((line) => line.includes(` ${resource}: `)).map((line) => line.split(' ').slice(0, 2).join(' '));
}

describe('by default', () => {
  let mesh: Mesh;
  beforeAll(async () => {
    mesh = await startMesh({ yaml: YAML });
  }, PATIENCE_MS);
  afterAll(() => mesh?.close());

  test('S9: a list of conditions is joined, and five retries are six calls', async () => {
    const reply = await mesh.ask({ host: 'basket', headers: { 'x-up': '500' } });
    expect(reply.status).toBe(500);
    const counts = reply.received.map(({ headers }) => headers.find(([name]) => name === 'x-envoy-attempt-count')?.[1]);
    expect(counts).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(codesAbout(mesh, 'VirtualService default/basket')).toContain('warning SL0320');
  });

  test('S23: a retry policy of a destination is one for the routes to it', async () => {
    const reply = await mesh.ask({ host: 'y-service', headers: { 'x-up': '500,200' } });
    expect([reply.status, reply.received.length]).toEqual([200, 2]);
    expect(new Set(codesAbout(mesh, 'DestinationRule default/y-service'))).toEqual(new Set(['warning SL0320']));
  });

  test('S6: of distribute and failover the first is in force', async () => {
    expect(instanceOf(await mesh.ask({ host: 'far' }))).toBe('e3');
    expect(mesh.findings()).toMatch(/^warning SL0321 DestinationRule default\/far: .*distribute.*failover/m);
  });

  test('S25: a kind that is gone is refused with what to write instead', () => {
    expect(mesh.findings()).toMatch(/^error SL0323 RouteRule default\/cookies: .*VirtualService/m);
  });

  test('S24: what is no YAML is told by line and column, and disturbs nothing else', () => {
    expect(mesh.findings()).toMatch(/^error SL0121 mesh\.yaml:\d+:\d+: /m);
  });
});

describe('strictly', () => {
  let mesh: Mesh;
  beforeAll(async () => {
    mesh = await startMesh({ yaml: YAML, args: ['--strict'] });
  }, PATIENCE_MS);
  afterAll(() => mesh?.close());

  test.each([
    ['S6: distribute beside failover', 'DestinationRule default/far', 'error SL0321'],
    ['S9: a list of conditions', 'VirtualService default/basket', 'error SL0320'],
    ['S23: a retry policy of a destination', 'DestinationRule default/y-service', 'error SL0320'],
    ['S25: a kind that is gone', 'RouteRule default/cookies', 'error SL0323'],
  ])('%s is refused', (_, resource, code) => expect(codesAbout(mesh, resource)).toContain(code));

  test('and the services behind go on without their rules', async () => {
    const reply = await mesh.ask({ host: 'basket', headers: { 'x-up': '500,200' } });
    expect([reply.status, reply.received.length]).toEqual([500, 1]);
  });
});
