/** S5: requests with the same header value go to the same instance, and a lost instance moves its own keys only. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

const HASHED = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: carts }
spec:
  host: carts
  trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: X-User-Id } } }
`;
const KEYS = Array.from({ length: 100 }, (_, index) => `user-${index}`);
const instances = (count: number) => Array.from({ length: count }, (_, index) => `e${index + 1}`);
const yaml = (count: number) => documents(service('carts', { v1: instances(count) }), HASHED);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: yaml(10) });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

async function places(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const key of KEYS) {
    found.set(key, instanceOf(await mesh.ask({ host: 'carts', headers: { 'x-user-id': key } })));
  }
  return found;
}

test('keys are stable, spread, and move no more than they must', async () => {
  const first = await places();
  expect(await places()).toEqual(first);
  expect(new Set(first.values()).size).toBeGreaterThanOrEqual(9);

  await mesh.edit('mesh.yaml', yaml(9));
  const then = await places();
  const moved = KEYS.filter((key) => first.get(key) !== then.get(key));
  expect(moved.filter((key) => first.get(key) !== 'e10')).toEqual([]);
  expect(moved.length).toBeLessThanOrEqual(20);
});
