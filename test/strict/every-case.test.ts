/** The request cases byte by byte however long they are, and the laws of the parsers with many more draws than in test/proxy. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestCases } from '../conformance/http/request-case.ts';
import {
  acceptedChunksAreLegal,
  acceptedHeadsAreLegal,
  legalChunksAreRewritten,
  legalHeadsAreRead,
  verdictsDoNotDependOnCuts,
} from '../support/h1-laws.ts';
import { type ProxyBefore, startProxyBefore } from '../support/proxy-before.ts';
import { judgeRequestCase } from '../support/request-programme.ts';

const RUNS = 6_000;
const LONG_BYTES = 1_000;

describe('long request cases, byte by byte', () => {
  let before: ProxyBefore;
  beforeAll(async () => {
    before = await startProxyBefore();
  });
  afterAll(() => before.close());

  for (const row of requestCases().filter(({ bytes }) => bytes.length > LONG_BYTES)) {
    test(row.title, async () => {
      const { complaints } = await judgeRequestCase(
        { httpPort: before.proxy.httpPort, upstream: before.upstream },
        row,
        { bytewiseMost: Number.POSITIVE_INFINITY },
      );
      expect(complaints).toEqual([]);
    }, 120_000);
  }
});

describe('laws of the parsers', () => {
  test('a legal head is read as it was written', () => legalHeadsAreRead(RUNS), 120_000);
  test('what is accepted as a head has the grammar and clear framing', () => acceptedHeadsAreLegal(10 * RUNS), 120_000);
  test('cuts do not change the verdict on a head', () => verdictsDoNotDependOnCuts(RUNS), 120_000);
  test('a legal chunked body goes on in its plainest form', () => legalChunksAreRewritten(RUNS), 120_000);
  test(
    'an accepted chunked body means the same to an obvious parser',
    () => acceptedChunksAreLegal(10 * RUNS),
    120_000,
  );
});
