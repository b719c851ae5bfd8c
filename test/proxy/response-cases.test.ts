/**
 * What an upstream may answer, and what the client then sees (reliability.md 1.6): the answer whole, cut at every line, and byte by
 * byte; then the same client and another one ask again, and must get their own answers (oracle O5).
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/mesh/table/route-table.ts';
import { OWN_RESPONSE_CASES, type ResponseCase } from '../conformance/http/own-response-cases.ts';
import { type Delivery, exchange, partsOf } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type Upstream, upstreamDoing, upstreamSaying } from '../support/upstream-saying.ts';

/** Longer answers differ in length alone. */
const BYTEWISE_MOST = 2_000;
const GET = ['GET /t HTTP/1.1', 'host: shop', 'connection: close', '', ''];

describe('answers of an upstream', () => {
  let proxy: ProxyUnderTest;
  let version = 0;

  beforeAll(async () => {
    proxy = await startProxyUnderTest();
  });
  afterAll(() => proxy.close());

  const routeTo = async (port: number | undefined, route: Partial<Route> = {}) => {
    const items = [
      clusterItem('web', { connectTimeoutMs: 2_000 }),
      endpointsItem('web', port === undefined ? [] : [port]),
      hostItem([{ name: 'default', action: forwardTo({ web: 1 }), ...route }]),
    ];
    expect(await proxy.hand(handing(++version, items))).toEqual({ type: 'accepted', version });
  };

  const cases: Record<string, ResponseCase> = {
    ...OWN_RESPONSE_CASES,
    'a body with a length passes': {
      says: ['HTTP/1.1 200 OK', 'content-length: 2', '', 'ok'],
      sees: /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 2\r\n[\s\S]*\r\nok$/,
    },
    'its server field is its own': {
      says: ['HTTP/1.1 200 OK', 'Server: shop/1', 'content-length: 2', '', 'ok'],
      sees: /\r\nserver: shop\/1\r\n/,
      not: /envoy\r\n/,
    },
    'an answer without server field gets none': {
      says: ['HTTP/1.1 200 OK', 'content-length: 2', '', 'ok'],
      sees: /\r\n\r\nok$/,
      not: /server:/,
    },
    'a chunked body passes without its extensions and trailers': {
      says: ['HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '002;a=b', 'ok', '0', 'x-t: 1', '', ''],
      sees: /\r\n\r\n2\r\nok\r\n0\r\n\r\n$/,
    },
    'a body that ends with the connection becomes chunked': {
      says: ['HTTP/1.1 200 OK', '', 'hello'],
      // As many chunks as reads brought it in.
      sees: /transfer-encoding: chunked\r\n[\s\S]*\r\n(?:5\r\nhello\r\n|(?:[1-4]\r\n[helo]{1,4}\r\n){2,5})0\r\n\r\n$/,
    },
    'R01 length and chunks together are a 502': {
      says: ['HTTP/1.1 200 OK', 'content-length: 3', 'transfer-encoding: chunked', '', '2', 'ok', '0', '', ''],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R02 two lengths are a 502': {
      says: ['HTTP/1.1 200 OK', 'content-length: 2', 'content-length: 3', '', 'ok'],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R03 a negative length is a 502': {
      says: ['HTTP/1.1 200 OK', 'content-length: -1', '', ''],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R04 a second answer that nobody asked for is thrown away': {
      says: ['HTTP/1.1 200 OK', 'content-length: 2', '', 'okHTTP/1.1 200 OK', 'x-evil: 1', 'content-length: 0', '', ''],
      sees: /\r\n\r\nok$/,
      not: /x-evil/,
      hasMore: true,
    },
    'R06 a 204 has no body, whatever it says': {
      says: ['HTTP/1.1 204 No Content', 'content-length: 4', '', 'evil'],
      sees: /^HTTP\/1\.1 204 [\s\S]*\r\n\r\n$/,
      not: /evil|content-length/,
      hasMore: true,
    },
    'R10 a folded field is a 502': {
      says: ['HTTP/1.1 200 OK', 'x-a: a', ' b', 'content-length: 0', '', ''],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R11 a blank before the colon is a 502': {
      says: ['HTTP/1.1 200 OK', 'X-A : a', 'content-length: 0', '', ''],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R13 a status below 100 is a 502': { says: ['HTTP/1.1 099 Odd', '', ''], sees: /^HTTP\/1\.1 502 / },
    'R17 a body cut short is cut for the client too': {
      says: ['HTTP/1.1 200 OK', 'content-length: 10', '', 'he'],
      sees: /content-length: 10\r\n[\s\S]*\r\nhe$/,
    },
    'a chunked body cut short gets no last chunk': {
      says: ['HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '5', 'hel'],
      sees: /200 OK/,
      not: /0\r\n\r\n$/,
    },
    'R24 a field of 100 KiB is a 502': {
      says: ['HTTP/1.1 200 OK', `x-a: ${'a'.repeat(100 * 1_024)}`, '', ''],
      sees: /^HTTP\/1\.1 502 /,
    },
    'R25 hop-by-hop fields are removed': {
      says: [
        'HTTP/1.1 200 OK',
        'connection: X-Secret',
        'x-secret: s',
        'keep-alive: timeout=5',
        'proxy-connection: x',
        'content-length: 0',
        '',
        '',
      ],
      sees: /^HTTP\/1\.1 200 /,
      not: /secret|keep-alive|proxy-connection/,
    },
    'R26 two cookies stay two lines, in order': {
      says: ['HTTP/1.1 200 OK', 'set-cookie: a=1', 'set-cookie: b=2', 'content-length: 0', '', ''],
      sees: /set-cookie: a=1\r\nset-cookie: b=2\r\n/,
    },
    'R28 bytes above ASCII pass unchanged': {
      says: ['HTTP/1.1 200 caf\xe9', 'x-a: \xe9\xff', 'content-length: 0', '', ''],
      sees: /200 caf\xe9\r\n[\s\S]*x-a: \xe9\xff\r\n/,
    },
    'R29 a field named __proto__ is a field': {
      says: ['HTTP/1.1 200 OK', '__proto__: x', 'content-length: 0', '', ''],
      sees: /__proto__: x\r\n/,
    },
    'nonsense is a 502': { says: ['SSH-2.0-OpenSSH_9.6', ''], sees: /^HTTP\/1\.1 502 [\s\S]*protocol error$/ },
    'hanging up without an answer is a 503': { says: [''], sees: /^HTTP\/1\.1 503 [\s\S]*connection termination$/ },
    'an upgrade that nobody asked for is a 502': { says: ['HTTP/1.1 101 Switching', '', ''], sees: /^HTTP\/1\.1 502 / },
  };

  for (const [sentence, { says, sees, not, hasMore = false, method = 'GET' }] of Object.entries(cases)) {
    test(sentence, async () => {
      for (const delivery of hasMore ? (['whole'] as const) : (['whole', 'byLine', 'bytewise'] as const)) {
        const bytes = Buffer.from(says.join('\r\n'), 'latin1');
        if (delivery === 'bytewise' && bytes.length > BYTEWISE_MOST) continue;
        const upstream = await upstreamAnsweringOnce(bytes, delivery);
        await routeTo(upstream.port);
        const seen = await exchange(proxy.httpPort, [`${method} /t HTTP/1.1`, 'host: shop', '', askAgain('same')]);
        const nextAt = nextAnswerAt(seen.text);
        const first = nextAt === -1 ? seen.text : seen.text.slice(0, nextAt);
        expect({ delivery, first }).toEqual({ delivery, first: expect.stringMatching(sees) });
        if (not !== undefined) expect(first).not.toMatch(not);
        // Either the next answer is its own, or what is left of this one spoils it, or the connection had to end.
        if (nextAt !== -1)
          expect(seen.text.slice(nextAt)).toMatch(/\r\n\r\nok$|^HTTP\/1\.1 502 [\s\S]*protocol error$/);
        expect((await exchange(proxy.httpPort, [askAgain('other')])).text).toMatch(
          /x-ok-id: other\r\n[\s\S]*\r\n\r\nok$/,
        );
        await upstream.close();
      }
    });
  }

  test('no endpoint is a 503 with flag UH, an unknown cluster one with NC', async () => {
    await routeTo(undefined);
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 503 [\s\S]*no healthy upstream$/);
    await routeTo(undefined, { action: forwardTo({ nowhere: 1 }) });
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 503 [\s\S]*\r\n\r\n$/);
    const metrics = (await proxy.admin('/metrics')).text;
    expect(metrics).toMatch(/destination_workload="unknown".*response_code="503",response_flags="UH"\} 1/);
    expect(metrics).toMatch(/response_code="503",response_flags="NC"\} 1/);
  });

  test('a refused connection is tried again twice and then a 503', async () => {
    const gone = await upstreamSaying('');
    await gone.close();
    await routeTo(gone.port);
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(
      /^HTTP\/1\.1 503 [\s\S]*latest reset reason: remote connection failure$/,
    );
  });

  test('an upstream that never answers is a 504 when the route has a timeout', async () => {
    const silent = await upstreamDoing((socket) => void socket.resume());
    await routeTo(silent.port, { timeoutMs: 100 });
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 504 [\s\S]*upstream request timeout$/);
    await silent.close();
  });

  test('a pooled connection that died meanwhile costs a GET nothing', async () => {
    let requests = 0;
    const upstream = await upstreamDoing((socket, { connections }) => {
      socket.on('data', () => {
        requests++;
        if (connections === 1 && requests === 2) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    await routeTo(upstream.port);
    const requestsOfOne = ['GET /1 HTTP/1.1', 'host: shop', '', `${GET.join('\r\n')}`];
    const seen = await exchange(proxy.httpPort, requestsOfOne);
    expect(seen.text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    await upstream.close();
  });

  test('a WebSocket is a tunnel in both directions', async () => {
    const upstream = await upstreamDoing((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello');
        socket.on('data', (chunk) => socket.end(`echo ${chunk}`));
      });
    });
    await routeTo(upstream.port);
    const seen = await exchange(proxy.httpPort, [
      'GET /ws HTTP/1.1',
      'host: shop',
      'connection: Upgrade',
      'upgrade: websocket',
      '',
      'ping',
    ]);
    expect(seen.text).toMatch(/^HTTP\/1\.1 101 [\s\S]*upgrade: websocket\r\n\r\nhelloecho ping$/);
    await upstream.close();
  });

  test('an early answer to an unfinished request is delivered, and the connection closed', async () => {
    const upstream = await upstreamSaying('HTTP/1.1 413 Too Large', 'content-length: 0', '', '');
    await routeTo(upstream.port);
    const seen = await exchange(proxy.httpPort, [
      'POST /t HTTP/1.1',
      'host: shop',
      'content-length: 100000',
      '',
      'begin',
    ]);
    expect(seen.text).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close\r\n/);
    expect(seen.closed).toBe(true);
    await upstream.close();
  });

  test('a direct response needs no upstream and takes header operations', async () => {
    await routeTo(undefined, {
      action: { kind: 'directResponse', status: 418, body: 'teapot' },
      responseHeaders: { add: { 'x-by': 'route' } },
    });
    expect((await exchange(proxy.httpPort, GET)).text).toMatch(/^HTTP\/1\.1 418 [\s\S]*x-by: route\r\n\r\nteapot$/);
  });
});

/** Says `bytes` to the first request and hangs up; answers every later one in order, with the id that it asks with. */
function upstreamAnsweringOnce(bytes: Buffer, delivery: Delivery): Promise<Upstream> {
  let isFirst = true;
  return upstreamDoing((socket) => {
    socket.setNoDelay();
    socket.on('data', async (chunk: Buffer) => {
      if (!isFirst) {
        const id = /x-ask-id: (\w+)/.exec(chunk.toString('latin1'))?.[1];
        socket.write(`HTTP/1.1 200 OK\r\nx-ok-id: ${id}\r\ncontent-length: 2\r\n\r\nok`);
        return;
      }
      isFirst = false;
      for (const part of partsOf(bytes, delivery)) {
        socket.write(part);
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
  });
}

function askAgain(id: string): string {
  return `GET /ok HTTP/1.1\r\nhost: shop\r\nx-ask-id: ${id}\r\nconnection: close\r\n\r\n`;
}

/** Where the answer to the second request begins; -1 when there is none. */
function nextAnswerAt(text: string): number {
  const ownAt = text.lastIndexOf('HTTP/1.1 200 OK\r\nx-ok-id: same');
  if (ownAt !== -1) return ownAt;
  const refusedAt = text.lastIndexOf('HTTP/1.1 502 ');
  return refusedAt > 0 ? refusedAt : -1;
}
