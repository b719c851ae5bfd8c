/** S26: nginx in front speaks HTTP/1.0 unless told otherwise, which Istio does not serve. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { exchange } from '../support/exchange.ts';
import { type Mesh, PATIENCE_MS, service, startMesh } from './mesh.ts';

let mesh: Mesh;

beforeAll(async () => {
  mesh = await startMesh({ yaml: service('web', { v1: ['e1'] }) });
}, PATIENCE_MS);
afterAll(() => mesh?.close());

test.each([
  ['HTTP/1.0 is asked to upgrade', ['GET / HTTP/1.0', 'Host: web', '', ''], 426],
  [
    'HTTP/1.1 with the Host of the service is served',
    ['GET / HTTP/1.1', 'Host: web', 'Connection: close', '', ''],
    200,
  ],
  ['HTTP/1.1 with the name of the upstream block is not', ['GET / HTTP/1.1', 'Host: backend', '', ''], 503],
])('%s', async (_, lines, status) => {
  const seen = await exchange(mesh.port, lines, /\r\n\r\n/);
  expect(seen.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
