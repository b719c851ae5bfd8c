/** Which services a caller sees, and where they really are (S15, S20). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

const inNamespace = (namespace: string, yaml: string) =>
  yaml
    .replace('metadata: { name:', `metadata: { namespace: ${namespace}, name:`)
    .replaceAll('.default.svc', `.${namespace}.svc`);

const YAML = documents(
  service('mine', { v1: ['e1'] }),
  inNamespace('elsewhere', service('theirs', { v1: ['e2'] })),
  inNamespace('istio-system', service('shared', { v1: ['e3'] })),
  `apiVersion: networking.istio.io/v1beta1
kind: Sidecar
metadata: { name: default }
spec:
  resources: { requests: { cpu: 100m } }
  egress: [{ hosts: ["./*", "istio-system/*"] }]
`,
  `apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: { name: reviews-global }
spec:
  hosts: [reviews.global]
  location: MESH_INTERNAL
  resolution: DNS
  ports: [{ number: 9080, name: http, protocol: http }]
  endpoints:
    - { address: localhost, ports: { http: \${e4} }, locality: region2/zone1 }
`,
);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: YAML });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

describe('S20: a Sidecar', () => {
  test.each([
    ['lets the own namespace be seen', 'mine', 'e1'],
    ['lets the shared one be seen', 'shared.istio-system', 'e3'],
  ])('%s', async (_, host, instance) => expect(instanceOf(await mesh.ask({ host }))).toBe(instance));

  test('hides every other', async () => {
    expect((await mesh.ask({ host: 'theirs.elsewhere' })).status).toBe(503);
  });

  test('has no resources, and is told so', () => {
    expect(mesh.findings()).toMatch(/^warning SL03\d\d Sidecar default\/default: spec\.resources/m);
  });
});

test('S15: an instance found by name, on a port of its own', async () => {
  await expect.poll(async () => (await mesh.ask({ host: 'reviews.global' })).body, { timeout: 20_000 }).toBe('from e4');
});
