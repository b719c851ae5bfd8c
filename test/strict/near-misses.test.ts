/**
 * Thousands of near misses through a whole proxy, cut at random, each with a hidden request behind. Whatever reaches the service
 * must have the grammar, one answer each, and the same meaning to Node and to nginx; the next client must get its own answer.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchange, exchangeBytes } from '../support/exchange.ts';
import {
  chunkedText,
  chunkParts,
  framingLines,
  mutated,
  mutations,
  requestParts,
  requestText,
  trailerFields,
} from '../support/h1-grammar.ts';
import { hasNginx, readByNginx } from '../support/nginx-origin.ts';
import { type ReadRequest, readByNode } from '../support/node-origin.ts';
import { type ProxyBefore, startProxyBefore } from '../support/proxy-before.ts';
import { takeRequest } from '../support/upstream-saying.ts';

const RUNS = 8_000;
const HIDDEN = 'GET /evil HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';

const inputs = fc
  .record({
    parts: requestParts,
    framing: framingLines,
    chunks: fc.array(chunkParts, { maxLength: 3 }),
    trailers: trailerFields,
    changes: fc.oneof(fc.constant([]), mutations),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  })
  .map(({ parts, framing, chunks, trailers, changes, cuts }) => {
    const head = requestText(parts).replace(/\r\n$/, `${framing}\r\n`);
    const body = /chunked/i.test(framing) ? chunkedText(chunks, trailers) : /length/i.test(framing) ? 'hello' : '';
    return { text: mutated(head + body, changes) + HIDDEN, cuts };
  });

describe('near misses', () => {
  let before: ProxyBefore;
  const forwarded: string[] = [];

  beforeAll(async () => {
    before = await startProxyBefore();
  });
  afterAll(() => before.close());

  test('reach the service whole and once, or not at all', async () => {
    const { proxy, upstream } = before;
    let count = 0;
    await fc.assert(
      fc.asyncProperty(inputs, async ({ text, cuts }) => {
        upstream.requests.length = 0;
        upstream.errors.length = 0;
        const seen = await exchangeBytes(proxy.httpPort, Buffer.from(text, 'latin1'), { delivery: cuts });
        expect(seen.closed).toBe(true);
        expect(upstream.errors).toEqual([]);
        expect(upstream.requests).toHaveLength([...seen.text.matchAll(/x-served-by: up\r\n/g)].length);
        forwarded.push(...upstream.requests.map(({ raw }) => raw));
        const id = `probe-${++count}`;
        const probe = ['GET /probe HTTP/1.1', 'host: a.test', `x-request-id: ${id}`, 'connection: close', '', ''];
        expect((await exchange(proxy.httpPort, probe)).text).toContain(`x-echo-id: ${id}\r\n`);
      }),
      { numRuns: RUNS },
    );
  }, 240_000);

  test('mean the same to Node', async () => {
    expect(forwarded.length).toBeGreaterThan(RUNS / 4);
    expect(await readByNode(forwarded)).toEqual(forwarded.map((raw) => [readByUs(raw)]));
  }, 120_000);

  test.runIf(hasNginx)(
    'mean the same to nginx',
    async () => {
      const readings = await readByNginx(forwarded);
      const others = forwarded.flatMap((raw, index) => {
        const read = readings[index] ?? [];
        // It refuses escapes that are none, which Envoy and we pass as they are.
        if (read.length === 0 && /^\S+ \S*%(?![0-9a-fA-F]{2})/.test(raw)) return [];
        return JSON.stringify(read) === JSON.stringify([readByUs(raw)]) ? [] : [{ raw, read }];
      });
      expect(others).toEqual([]);
    },
    120_000,
  );
});

function readByUs(raw: string): ReadRequest {
  const { line = '', body = '' } = takeRequest(raw)?.request ?? {};
  const [method = '', target = ''] = line.split(' ');
  return { method, target, body };
}
