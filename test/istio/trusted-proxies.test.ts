/**
 * What a gateway believes of x-forwarded-* by `gatewayTopology` of MeshConfig: what services are told, by whom requests are hashed,
 * and whom the access log names.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

const YAML = documents(
  service('web', { v1: ['e1', 'e2', 'e3', 'e4'] }),
  `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web }
spec: { host: web, trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } }
`,
  `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]
`,
  `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web }
spec:
  hosts: ["*"]
  gateways: [gw]
  http:
    - match: [{ headers: { x-forwarded-client-cert: {} } }]
      headers: { response: { set: { x-heard: certificate } } }
      route: [{ destination: { host: web } }]
    - headers:
        response:
          set: { x-remote: "%DOWNSTREAM_REMOTE_ADDRESS%", x-peer: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%" }
      route: [{ destination: { host: web } }]
`,
);

const GATEWAY = ['--role', 'gateway', '--labels', 'istio=ingressgateway', '--port', '0=80'];
const SAID = {
  'x-forwarded-for': '1.1.1.1, 2.2.2.2',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'elsewhere',
  'x-forwarded-client-cert': 'By=somebody',
  'x-envoy-external-address': '6.6.6.6',
};

describe.each<[topology: object, address: string, told: Record<string, string | undefined>]>([
  [{}, '127.0.0.1', { 'x-forwarded-proto': 'http', 'x-forwarded-host': undefined }],
  [{ numTrustedProxies: 1 }, '2.2.2.2', { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'elsewhere' }],
  [{ numTrustedProxies: 2 }, '1.1.1.1', { 'x-forwarded-proto': 'https' }],
  [{ numTrustedProxies: 3 }, '127.0.0.1', { 'x-forwarded-proto': 'https' }],
  [{ forwardClientCertDetails: 'ALWAYS_FORWARD_ONLY' }, '127.0.0.1', { 'x-forwarded-client-cert': 'By=somebody' }],
  [{ forwardClientCertDetails: 'APPEND_FORWARD' }, '127.0.0.1', { 'x-forwarded-client-cert': undefined }],
])('with %j', (gatewayTopology, address, told) => {
  let folder: string;
  let mesh: Mesh;
  const log = () => join(folder, 'access.log');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-topology-'));
    const file = join(folder, 'settings.json');
    await writeFile(file, JSON.stringify({ accessLogFile: log(), defaultConfig: { gatewayTopology } }));
    mesh = await startMesh({ yaml: YAML, args: [...GATEWAY, '--mesh', file], host: 'a.example.com' });
  }, PATIENCE_MS);
  afterAll(async () => {
    await mesh?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test(`a request is that of ${address}`, async () => {
    const { received, headers } = await mesh.ask({ headers: SAID });
    const fields = Object.fromEntries(received[0]?.headers ?? []);
    expect(fields['x-forwarded-for']).toBe('1.1.1.1, 2.2.2.2,127.0.0.1');
    expect(fields['x-envoy-external-address']).toBe(address);
    for (const [name, value] of Object.entries(told)) expect({ [name]: fields[name] }).toEqual({ [name]: value });
    if (headers['x-heard'] === undefined) {
      expect(headers).toMatchObject({ 'x-remote': address, 'x-peer': '127.0.0.1' });
    } else expect(fields['x-forwarded-client-cert']).toBe('By=somebody');
  });

  test('the access log names who asked', async () => {
    const id = 'logged';
    await mesh.ask({ id, headers: SAID, path: '/logged' });
    const line = async () =>
      (await readFile(log(), 'utf8').catch(() => '')).split('\n').find((one) => one.includes('/logged'));
    await expect.poll(line, { timeout: PATIENCE_MS }).toContain(` ${address}:`);
  });

  test('requests of one address go to one place', async () => {
    const replies = await mesh.askMany(20, (index) => ({
      headers: { 'x-forwarded-for': `9.9.9.${index}, 1.1.1.1, 2.2.2.2` },
    }));
    // The third from the right is another one each time.
    const places = new Set(replies.map(({ body }) => body)).size;
    expect(places > 1).toBe(JSON.stringify(gatewayTopology) === '{"numTrustedProxies":3}');
  });
});
