/** Where requests go by place and by age: shares of localities (S6) and slow starts (S21). */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { countBy, documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh } from '../mesh.ts';

const NEAR_AND_FAR = service('spread', { v1: ['e1', 'e2'] })
  .replace('labels: { version: v1 } }', 'labels: { version: v1 }, locality: region1/zone1/a }')
  .replace('labels: { version: v1 } }', 'labels: { version: v1 }, locality: region2/zone2/b }');

const DISTRIBUTED = `apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: { name: spread }
spec:
  host: spread
  trafficPolicy:
    loadBalancer:
      localityLbSetting:
        enabled: true
        distribute:
          - from: region1/zone1/*
            to: { "region1/zone1/*": 80, "region2/zone2/*": 20 }
`;

const WARM_UP_MS = 4_000;

const WARMING = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: young }
spec:
  host: young
  trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN, warmup: { duration: ${WARM_UP_MS / 1_000}s } } }
`;

const young = (instances: readonly string[]) => documents(service('young', { v1: instances }), WARMING);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: documents(NEAR_AND_FAR, DISTRIBUTED), args: ['--locality', 'region1/zone1/a'] });
  await mesh.edit('young.yaml', young(['e3']));
}, PATIENCE_MS);
afterAll(() => mesh?.close());

const shares = async (host: string, count: number) => countBy(await mesh.askMany(count, () => ({ host })), instanceOf);

test('S6: four of five requests stay near', async () => {
  const { e1 = 0, e2 = 0 } = await shares('spread', 500);
  expect(e1 + e2).toBe(500);
  // Five standard deviations of 100.
  expect(Math.abs(e2 - 100)).toBeLessThanOrEqual(45);
});

test('S21: a new instance begins with a small share, and has its full one when it is warm', async () => {
  // Until the first instance is no newcomer any more: of two newcomers each has a half.
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS + 500));
  await mesh.edit('young.yaml', young(['e3', 'e4']));
  const addedMs = performance.now();
  const { e4: cold = 0 } = await shares('young', 100);
  // On a machine so slow that it is warm by now, nothing can be said.
  if (performance.now() - addedMs < WARM_UP_MS / 2) expect(cold).toBeLessThan(45);
  const warm = async () => Math.abs(((await shares('young', 100)).e4 ?? 0) - 50) <= 10;
  await expect.poll(warm, { timeout: 30_000 }).toBe(true);
}, 60_000);
