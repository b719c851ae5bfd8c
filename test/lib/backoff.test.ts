import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../src/lib/backoff.ts';

const policy = { baseMs: 100, maxMs: 30_000, jitter: 0.5 };

test('backoffMs() doubles from the base and stops at the maximum', () => {
  expect([0, 1, 2, 20].map((attempt) => backoffMs({ ...policy, jitter: 0 }, attempt, 0))).toEqual([
    100, 200, 400, 30_000,
  ]);
});

test('backoffMs() stays between the unjittered share and the full wait', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const fullMs = backoffMs({ ...policy, jitter: 0 }, attempt, 0);
      const waitMs = backoffMs(policy, attempt, random);
      expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
      expect(waitMs).toBeLessThanOrEqual(fullMs);
    }),
  );
});
