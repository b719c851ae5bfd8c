/** Deadlines against a real socket that accepts and then says nothing. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrometheusProvider } from '../../src/metrics/prometheus-provider.ts';
import { FakeClock } from '../support/fake-clock.ts';

const sockets = new Set<Socket>();
let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a server that never answers is unreachable once the deadline has passed', async () => {
  const clock = new FakeClock();
  const provider = createPrometheusProvider({ address, clock, timeoutMs: 5_000 });
  const sample = provider.query('up', new AbortController().signal);
  await once(server, 'connection');
  await clock.advance(5_000);
  expect(await sample).toEqual({
    kind: 'unreachable',
    reason: 'The metrics server did not answer: no answer within 5000 ms',
  });
});

test('a query ends when its signal does', async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const sample = createPrometheusProvider({ address, clock }).query('up', abort.signal);
  await once(server, 'connection');
  abort.abort();
  expect(await sample).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('cancelled') });
  expect(clock.pendingTimers).toBe(0);
});
