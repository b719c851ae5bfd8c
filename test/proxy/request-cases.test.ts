/**
 * The raw request cases of test/conformance/http against a whole proxy, delivered whole, split at every line end, and byte by
 * byte. Oracles: what the client sees, what the recording upstream's own strict parser accepts, how many requests reach it, and
 * that the next client gets its own answer.
 */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Delivery, exchange, exchangeBytes } from '../support/exchange.ts';
import { type ProxyUnderTest, startProxyUnderTest } from '../support/running-proxy.ts';
import { clusterItem, endpointsItem, forwardTo, handing, hostItem } from '../support/sample-table.ts';
import { type RecordingUpstream, recordingUpstream } from '../support/upstream-saying.ts';

type Case = { id: string; cls: string; bytes_base64: string; expect: string };

const file = new URL('../conformance/http/h1-cases.json', import.meta.url);
const CASES = JSON.parse(readFileSync(file, 'utf8')) as Case[];

/** Byte by byte only what is small: the long ones differ in length alone. */
const BYTEWISE_MOST = 400;

/** Where the row leaves a choice, or Istio's users expect something else: the statuses that are right here. */
const DECIDED: Readonly<Record<string, { statuses: number[]; reason: string }>> = {
  D01: { statuses: [200], reason: 'trailers are dropped, whatever they say' },
  D02: { statuses: [200], reason: 'trailers are dropped, whatever they say' },
  E19: { statuses: [200], reason: 'Istio allows 60 KiB of headers, in one field too' },
  F10: { statuses: [200], reason: 'a fragment is taken off, as Envoy does' },
  F39: { statuses: [200], reason: 'a backslash becomes a slash before anybody looks at the path, as in Envoy' },
  F45: {
    statuses: [200],
    reason: 'only escapes of unreserved characters are decoded; everything else passes as it is',
  },
  G01: {
    statuses: [200, 200],
    reason: 'another upgrade than WebSocket is ignored, so both requests are ordinary ones',
  },
};

/** Cases with a second legal request behind the first. */
const TWO_ANSWERS = new Set(['A22', 'B27', 'G01', 'G09', 'G11']);

describe('raw request cases', () => {
  let upstream: RecordingUpstream;
  let proxy: ProxyUnderTest;

  beforeAll(async () => {
    upstream = await recordingUpstream();
    proxy = await startProxyUnderTest();
    await proxy.hand(
      handing(1, [
        clusterItem('web'),
        endpointsItem('web', [upstream.port]),
        hostItem([{ name: 'default', action: forwardTo({ web: 1 }) }]),
      ]),
    );
  });
  afterAll(async () => {
    await proxy.close();
    await upstream.close();
  });

  const run = async (row: Case, delivery: Delivery) => {
    const bytes = Buffer.from(row.bytes_base64, 'base64');
    const expected = expectedOf(row);
    upstream.requests.length = 0;
    const seen = await exchangeBytes(proxy.httpPort, bytes, {
      delivery,
      until: expected.closes ? undefined : answers(expected.count),
    });
    const statuses = [...seen.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
    expect({ statuses, allowed: expected.statuses(statuses) }).toEqual({ statuses, allowed: true });
    if (expected.closes) expect(seen.closed).toBe(true);
    expect(upstream.errors).toEqual([]);
    expect(upstream.requests.map(({ line }) => line).filter((line) => line.includes('/evil'))).toEqual(
      row.id === 'G01' ? ['GET /evil HTTP/1.1'] : [],
    );
    const probe = await exchange(proxy.httpPort, [
      'GET /probe HTTP/1.1',
      'host: a.test',
      `x-request-id: probe-${row.id}`,
      'connection: close',
      '',
      '',
    ]);
    expect(probe.text).toContain(`x-echo-id: probe-${row.id}`);
  };

  for (const row of CASES) {
    test(`${row.id} ${row.cls}: ${row.expect}`, async () => {
      await run(row, 'whole');
      await run(row, 'byLine');
      if (Buffer.from(row.bytes_base64, 'base64').length <= BYTEWISE_MOST) await run(row, 'bytewise');
    });
  }
});

function answers(count: number): RegExp {
  return new RegExp(`(?:HTTP/1\\.1 \\d{3} [\\s\\S]*?\\r\\n\\r\\n[\\s\\S]*?){${count}}`);
}

function expectedOf(row: Case) {
  const own = DECIDED[row.id];
  const text = row.expect.replace(/\(.*?\)/g, '');
  const allowed = [...text.matchAll(/\b([2-5]\d\d)\b/g)].map(([, status]) => Number(status));
  const count = TWO_ANSWERS.has(row.id) ? 2 : 1;
  return {
    count,
    closes: own === undefined && /close/.test(row.expect) && !/^200 \(pass\)/.test(row.expect),
    statuses(seen: number[]): boolean {
      if (own !== undefined) return JSON.stringify(seen) === JSON.stringify(own.statuses);
      if (row.id === 'G11') return JSON.stringify(seen) === '[200,400]';
      return seen.length === count && seen.every((status) => allowed.includes(status));
    },
  };
}
