import { describe, expect, test } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { Ledger, type Outcome } from './ledger.ts';
import { runLoad } from './load-run.ts';
import { isMarkedBy, markedBody } from './marks.ts';

const OK: Outcome = { kind: 'answered', status: 200, own: true, by: 'a' };
const LINE = { status: 200, cluster: 'a', version: 1, mirror: false };

describe('the ledger', () => {
  const judged = (tell: (ledger: Ledger, id: number) => void, method: 'GET' | 'POST' = 'GET') => {
    const ledger = new Ledger();
    ledger.published(1, { a: 1, b: 0 });
    const id = ledger.sent(method, { nowMs: 1_000, ackedVersion: 1 });
    tell(ledger, id);
    ledger.settle(Number.POSITIVE_INFINITY);
    return ledger.findings;
  };

  test('finds nothing in a request that was served, answered and logged once', () => {
    const findings = judged((ledger, id) => {
      ledger.served(id, 'a');
      ledger.ended(id, OK, 1_010);
      ledger.logged(id, LINE);
    });
    expect(findings).toEqual([]);
  });

  const cases: Record<string, { tell: (ledger: Ledger, id: number) => void; finds: RegExp; method?: 'POST' }> = {
    'a request that nobody ended': { tell: () => {}, finds: /no outcome/ },
    'an answer that nobody served': {
      tell: (ledger, id) => {
        ledger.ended(id, OK, 1_010);
        ledger.logged(id, LINE);
      },
      finds: /answered by a, served by $/,
    },
    "another request's answer": {
      tell: (ledger, id) => ledger.ended(id, { ...OK, own: false }, 1_010),
      finds: /another answer/,
    },
    'a loss without a reason': { tell: (ledger, id) => ledger.ended(id, { kind: 'lost' }, 1_010), finds: /was lost/ },
    'a loss long after a kill': {
      tell: (ledger, id) => {
        ledger.disturbed({ kind: 'worker killed', fromMs: 0, untilMs: 400 });
        ledger.ended(id, { kind: 'lost' }, 1_010);
      },
      finds: /was lost/,
    },
    'a refused connection, whatever was killed': {
      tell: (ledger, id) => {
        ledger.disturbed({ kind: 'worker killed', fromMs: 1_000, untilMs: 1_010 });
        ledger.ended(id, { kind: 'refused' }, 1_010);
      },
      finds: /refused/,
    },
    'a 503 without a reason': {
      tell: (ledger, id) => {
        ledger.ended(id, { ...OK, status: 503, by: undefined }, 1_010);
        ledger.logged(id, { ...LINE, status: 503 });
      },
      finds: /got 503/,
    },
    'a POST that was served twice, whatever was killed': {
      method: 'POST',
      tell: (ledger, id) => {
        ledger.disturbed({ kind: 'service killed', fromMs: 1_000, untilMs: 1_010 });
        ledger.served(id, 'a');
        ledger.served(id, 'a');
        ledger.ended(id, OK, 1_010);
        ledger.logged(id, LINE);
      },
      finds: /POST and was served 2/,
    },
    'a destination without weight': {
      tell: (ledger, id) => {
        ledger.served(id, 'a');
        ledger.ended(id, OK, 1_010);
        ledger.logged(id, { ...LINE, cluster: 'b' });
      },
      finds: /no weight/,
    },
    'a table older than the one that was served': {
      tell: (ledger, id) => {
        ledger.served(id, 'a');
        ledger.ended(id, OK, 1_010);
        ledger.logged(id, { ...LINE, version: 0 });
      },
      finds: /table 0 after 1/,
    },
    'two lines of the log': {
      tell: (ledger, id) => {
        ledger.served(id, 'a');
        ledger.ended(id, OK, 1_010);
        ledger.logged(id, LINE);
        ledger.logged(id, LINE);
      },
      finds: /2 lines/,
    },
    'a request that nobody sent': { tell: (ledger) => ledger.served(99, 'a'), finds: /nobody sent it/ },
  };
  for (const [sentence, { tell, finds, method }] of Object.entries(cases)) {
    test(`finds ${sentence}`, () => expect(judged(tell, method).join('; ')).toMatch(finds));
  }
});

test('marks tell whose every byte is', () => {
  expect(isMarkedBy(markedBody(7, 1_000), 7)).toBe(true);
  expect(isMarkedBy(markedBody(7, 1_000), 8)).toBe(false);
  expect(isMarkedBy(`${markedBody(7, 100)}${markedBody(8, 10)}`, 7)).toBe(false);
  expect(isMarkedBy(markedBody(7, 100).slice(1), 7)).toBe(false);
});

test('a short load run with every disturbance balances', async () => {
  const { ledger, disturbances } = await runLoad({ requests: 1_500, workers: 2, random: seededRandom(1) });
  expect(ledger.findings).toEqual([]);
  expect(ledger.totals.sent).toBe(1_500);
  expect(Object.keys(disturbances)).not.toEqual([]);
}, 120_000);
