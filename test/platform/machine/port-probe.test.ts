import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { awaitPort, probePort } from '../../../src/platform/machine/port-probe.ts';

test('probePort() names port and option when something listens already', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(probePort({ host: '127.0.0.1', port, option: '--http-port' })).rejects.toThrow(
    `Port ${port}, wanted by --http-port, cannot be used`,
  );
  server.close();
});

test('probePort() sees a listener that shares its port', async () => {
  const server = createServer().listen({ port: 0, host: '127.0.0.1', reusePort: true });
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(probePort({ host: '127.0.0.1', port, option: '--http-port' })).rejects.toMatchObject({ code: 'SL0003' });
  server.close();
});

test('probePort() finds a free port for 0', async () => {
  expect(await probePort({ host: '127.0.0.1', port: 0, option: '--http-port' })).toBeGreaterThan(0);
});

test('awaitPort() waits until whoever holds the port has left', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const request = { host: '127.0.0.1', port, option: '--http-port' };
  const waiting = awaitPort(request, { clock: systemClock, patienceMs: 60_000 });
  server.close();
  expect(await waiting).toBe(port);
});

test('awaitPort() gives up when its patience is over', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const request = { host: '127.0.0.1', port, option: '--http-port' };
  await expect(awaitPort(request, { clock: systemClock, patienceMs: 0 })).rejects.toMatchObject({ code: 'SL0003' });
  server.close();
});
