/** Webhooks against real servers: each answer that a receiver may give, and receivers that give none. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { callWebhook, type WebhookCall } from '../../src/notify/webhook.ts';

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  server = undefined;
});

async function receiver(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
): Promise<string> {
  let count = 0;
  server = createServer((request, response) => answer(request, response, ++count));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gate`;
}

function call(url: string, more: Partial<WebhookCall> = {}) {
  const body = { name: 'hello', phase: 'Progressing' };
  // A clock whose waits are over at once: retries are tested, not their pace.
  const clock = {
    ...systemClock,
    after: (delayMs: number, then: () => void) => systemClock.after(delayMs > 5_000 ? delayMs : 1, then),
  };
  return callWebhook(
    { url, body, timeoutMs: 10_000, retries: 0, disableTLS: false, idempotencyKey: 'key', ...more },
    { clock, random: () => 0, signal: new AbortController().signal },
  );
}

describe('callWebhook()', () => {
  const statuses: [number, boolean][] = [
    [200, true],
    [201, true],
    [202, true],
    [203, false],
    [204, false],
    [302, false],
    [403, false],
    [500, false],
  ];
  test.each(statuses)('takes status %d for agreement: %s', async (status, ok) => {
    const url = await receiver((_request, response) => response.writeHead(status, { location: '/elsewhere' }).end());
    expect((await call(url)).ok).toBe(ok);
  });

  test('posts JSON with a key that repetitions share', async () => {
    let received = '';
    const url = await receiver((request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += `${request.method} ${request.headers['idempotency-key']} ${chunk.toString()}`;
      });
      request.on('end', () => response.end('yes'));
    });
    expect(await call(url)).toEqual({ ok: true, text: 'yes' });
    expect(received).toBe('POST key {"name":"hello","phase":"Progressing"}');
  });

  test('keeps the words of a refusal, also those of a 500', async () => {
    const url = await receiver((_request, response) => response.writeHead(500).end('smoke test failed'));
    expect(await call(url)).toEqual({ ok: false, reason: 'The webhook answered 500: smoke test failed' });
  });

  const retried: [number, number, boolean][] = [
    [503, 3, true],
    [429, 3, true],
    [501, 1, false],
    [404, 1, false],
  ];
  test.each(retried)('after %d it tries %d times', async (status, tries, ok) => {
    let last = 0;
    const url = await receiver((_request, response, count) => {
      last = count;
      response.writeHead(count < 3 ? status : 200).end();
    });
    expect((await call(url, { retries: 2 })).ok).toBe(ok);
    expect(last).toBe(tries);
  });

  test('gives up on a receiver that never answers', async () => {
    const url = await receiver(() => {});
    expect(await call(url, { timeoutMs: 20 })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/cannot be reached/),
    });
  });

  test('gives up on a receiver that is not there', async () => {
    expect((await call('http://127.0.0.1:1/')).ok).toBe(false);
  });
});
