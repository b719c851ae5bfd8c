import { describe, expect, test } from 'vitest';
import type { OutlierPolicy } from '../../../src/mesh/table/route-table.ts';
import {
  countResult,
  eject,
  healthyEndpoints,
  OutlierCounts,
  setEjected,
  type TryResult,
} from '../../../src/proxy/upstream/outliers.ts';

const policy: OutlierPolicy = {
  consecutive5xx: 3,
  consecutiveGateway: 0,
  intervalMs: 1_000,
  baseEjectionMs: 1_000,
  ejectedPercentMost: 100,
  healthyPercentLeast: 0,
};

/** How often the endpoint would be taken out. */
function timesOut(results: readonly TryResult[], changes: Partial<OutlierPolicy> = {}): number {
  const counts = new OutlierCounts();
  return results.filter((result) => countResult(counts, result, { ...policy, ...changes })).length;
}

describe('an endpoint', () => {
  const gateway = { consecutive5xx: 0, consecutiveGateway: 2 };
  const split = { consecutiveLocal: 2 };
  test.each<[string, TryResult[], Partial<OutlierPolicy>, number]>([
    ['fails too often with errors in a row', [500, 503, 599], {}, 1],
    ['stays below their number', [500, 500], {}, 0],
    ['begins again once it was reached', [500, 500, 500, 500, 500, 500], {}, 2],
    ['is forgiven with one good answer', [500, 500, 200, 500, 500], {}, 0],
    ['does not pay for the errors of clients', [404, 404, 404, 499], {}, 0],
    ['is forgiven with the error of a client', [500, 500, 404, 500], {}, 0],
    ['pays for answers that never came', ['lost', 'late', 'lost'], {}, 1],
    ['stays when the condition is off', [500, 500, 500, 'lost'], { consecutive5xx: 0 }, 0],
    ['fails with gateway errors', [502, 504], gateway, 1],
    ['fails with gateway errors: lost and late', ['lost', 'late'], gateway, 1],
    ['does not take 500 for a gateway error', [500, 500], gateway, 0],
    ['counts gateway errors in a row', [502, 500, 502], gateway, 0],
    ['counts both at once', [502, 502, 502], { consecutiveGateway: 3 }, 1],
    ['pays for listed statuses only', [404, 404, 404], { errorCodes: [404] }, 1],
    ['is forgiven with a status that is not listed', [404, 404, 503, 404], { errorCodes: [404] }, 0],
    ['pays for answers that never came, whatever is listed', ['lost', 'lost', 'lost'], { errorCodes: [404] }, 1],
    ['tells failures of the way apart', ['lost', 'late'], split, 1],
    ['does not count them as errors of the endpoint', ['lost', 500, 'lost', 500, 'lost'], split, 0],
    ['counts answers beside them', [500, 'lost', 500, 500], split, 1],
    ['has the condition of the way switched off', ['lost', 'lost', 'lost'], { consecutiveLocal: 0 }, 0],
  ])('%s', (_, results, changes, times) => expect(timesOut(results, changes)).toBe(times));
});

describe('the endpoints of a cluster', () => {
  const endpointsOf = (count: number, out = 0) =>
    Array.from({ length: count }, (_, index) => {
      const outliers = new OutlierCounts();
      outliers.isOut = index < out;
      return { address: String(index), outliers };
    });

  test.each<[string, number, number, number, boolean]>([
    ['one of two with 50 %', 2, 0, 50, true],
    ['one of two with 49 %', 2, 0, 49, false],
    ['the only one with 99 %', 1, 0, 99, false],
    ['the only one with 100 %', 1, 0, 100, true],
    ['a second of four with 50 %', 4, 1, 50, true],
    ['a third of four with 50 %', 4, 2, 50, false],
    ['one of ten with 10 %', 10, 0, 10, true],
    ['one of nine with 10 %', 9, 0, 10, false],
  ])('may be out: %s', (_, count, out, ejectedPercentMost, expected) => {
    const all = endpointsOf(count, out);
    const endpoint = all[out] as (typeof all)[0];
    expect(eject(endpoint, all, { ...policy, ejectedPercentMost })).toBe(expected);
    expect(endpoint.outliers.isOut).toBe(expected);
  });

  test('are not taken out twice', () => {
    const all = endpointsOf(4, 1);
    expect(eject(all[0] as (typeof all)[0], all, policy)).toBe(false);
  });

  test.each<[string, number, number, number, number]>([
    ['none when all are out', 2, 2, 0, 0],
    ['the others', 3, 1, 0, 2],
    ['all of them when too few would be left', 2, 1, 51, 2],
    ['the others when just enough are left', 2, 1, 50, 1],
  ])('that get requests: %s', (_, count, out, healthyPercentLeast, expected) => {
    expect(healthyEndpoints(endpointsOf(count, out), { ...policy, healthyPercentLeast })).toHaveLength(expected);
  });

  test('are out as the parent says, and come back with nothing counted', () => {
    const all = endpointsOf(3, 1);
    const [first, second] = all as [(typeof all)[0], (typeof all)[0]];
    first.outliers.errors = second.outliers.errors = 2;
    setEjected(all, new Set(['1', 'elsewhere']));
    expect(all.map(({ outliers }) => outliers.isOut)).toEqual([false, true, false]);
    expect([first.outliers.errors, second.outliers.errors]).toEqual([0, 2]);
  });
});
