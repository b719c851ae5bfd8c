import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { type ClientOutcome, startTraffic } from '../../src/demo/traffic.ts';
import { systemClock } from '../../src/lib/clock.ts';

test('startTraffic() names every request, marks staff, and counts answers of the application apart from those of the platform', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(String(request.headers['x-request-id']));
    const answersItself = seen.length % 2 === 0;
    response.writeHead(answersItself ? 200 : 503, answersItself ? { 'x-version': 'v1' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const outcomes: ClientOutcome[] = [];
  let ids = 0;
  let enough: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const traffic = startTraffic({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    host: 'hello',
    requestsPerSecond: 500,
    internalEvery: 4,
    newId: () => `id-${ids++}`,
    clock: systemClock,
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      if (outcomes.length === 40) enough();
    },
  });
  await answered;
  await traffic.stop();
  server.close();
  expect(outcomes).toHaveLength(traffic.sent);
  expect(new Set(seen).size).toBe(traffic.sent);
  expect(outcomes.filter(({ internal }) => internal)).toHaveLength(Math.floor(traffic.sent / 4));
  expect(outcomes.filter(({ version }) => version === 'v1')).toHaveLength(Math.floor(traffic.sent / 2));
});

test('startTraffic() records a refused connection as a request without an answer', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const outcome = await new Promise<ClientOutcome>((resolve) => {
    const traffic = startTraffic({
      origin: `http://127.0.0.1:${port}`,
      host: 'hello',
      requestsPerSecond: 100,
      internalEvery: 2,
      newId: () => 'id',
      clock: systemClock,
      onOutcome: (first) => {
        resolve(first);
        traffic.stop();
      },
    });
  });
  expect(outcome).toMatchObject({ status: 0, error: expect.stringContaining('ECONNREFUSED') });
});
