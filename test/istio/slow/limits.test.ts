/** Connection pools and outlier detection as the articles write them (S10, S13). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, instanceOf, type Mesh, PATIENCE_MS, service, startMesh } from '../mesh.ts';

const BASE_EJECTION_MS = 2_000;

function limited(name: string, trafficPolicy: string): string {
  return `apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
  trafficPolicy: ${trafficPolicy}
`;
}

const YAML = documents(
  service('narrow', { v1: ['e1'] }),
  limited('narrow', '{ connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } }'),
  service('cold', { v1: ['e2'] }),
  limited('cold', '{ connectionPool: { tcp: { maxConnections: 10 }, http: { http1MaxPendingRequests: 1 } } }'),
  service('shaky', { v1: ['e3', 'e4'] }),
  limited(
    'shaky',
    `{ outlierDetection: { consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: ${BASE_EJECTION_MS / 1_000}s, maxEjectionPercent: 100 } }`,
  ),
);

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: YAML });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

test('S13: behind one connection and one that waits, the third is refused at once', async () => {
  const first = mesh.ask({ id: 'first', host: 'narrow', headers: { 'x-up': 'delay:3/200' } });
  await expect.poll(() => mesh.received('first').length, { timeout: 20_000 }).toBe(1);
  const others = await Promise.all([1, 2, 3].map(() => mesh.ask({ host: 'narrow' })));
  const refused = others.filter(({ status }) => status === 503);
  expect(refused).toHaveLength(2);
  expect(refused[0]?.headers['x-envoy-overloaded']).toBe('true');
  expect(refused[0]?.body).toMatch(/reset reason: overflow$/);
  expect((await first).status).toBe(200);
});

test('S13: waiting for a connection to be opened is waiting, too', async () => {
  const replies = await Promise.all([1, 2, 3, 4].map(() => mesh.ask({ host: 'cold' })));
  expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(replies.filter(({ status }) => ![200, 503].includes(status))).toEqual([]);
});

describe('S10: an instance that fails in a row', () => {
  const failing = { host: 'shaky', headers: { 'x-up-e3': '500' } };

  /** Asks until e3 has failed twice in a row. @returns when */
  async function eject(): Promise<number> {
    for (let failures = 0; failures < 2; ) if (instanceOf(await mesh.ask(failing)) === 'e3') failures++;
    return performance.now();
  }

  /** The other one answers, unless the machine was so slow that the rest is over. */
  async function restsAt(sinceMs: number, restMs: number): Promise<void> {
    const instance = instanceOf(await mesh.ask(failing));
    if (performance.now() - sinceMs < restMs) expect(instance).toBe('e4');
  }

  /** Asks until e3 answers again. @returns after how long */
  async function back(sinceMs: number): Promise<number> {
    for (;;) {
      if (instanceOf(await mesh.ask({ host: 'shaky' })) === 'e3') return performance.now() - sinceMs;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('rests, comes back, and rests twice as long the next time', { timeout: 60_000 }, async () => {
    const firstMs = await eject();
    await restsAt(firstMs, BASE_EJECTION_MS);
    expect(await back(firstMs)).toBeGreaterThanOrEqual(BASE_EJECTION_MS - 50);
    const secondMs = await eject();
    await restsAt(secondMs, 2 * BASE_EJECTION_MS);
    expect(await back(secondMs)).toBeGreaterThanOrEqual(2 * BASE_EJECTION_MS - 50);
  });
});
