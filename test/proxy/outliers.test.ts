import { describe, expect, test } from 'vitest';
import type { OutlierPolicy } from '../../src/mesh/table/route-table.ts';
import { healthyEndpoints, noteAnswer, OutlierCounts } from '../../src/proxy/upstream/outliers.ts';

const policy: OutlierPolicy = {
  consecutive5xx: 3,
  consecutiveGateway: 0,
  baseEjectionMs: 1_000,
  ejectedPercentMost: 100,
  healthyPercentLeast: 0,
};
const endpointsOf = (count: number) => Array.from({ length: count }, () => ({ outliers: new OutlierCounts() }));

function healthyAfter(statuses: readonly number[], changes: Partial<OutlierPolicy> = {}, count = 2): number {
  const all = endpointsOf(count);
  const changed = { ...policy, ...changes };
  for (const status of statuses) noteAnswer(all[0] as (typeof all)[0], status, { all, policy: changed, nowMs: 100 });
  return healthyEndpoints(all, changed, 100).length;
}

describe('an endpoint', () => {
  test.each<[string, number[], Partial<OutlierPolicy>, number]>([
    ['pauses after errors in a row', [500, 503, 500], {}, 1],
    ['stays below their number', [500, 500], {}, 2],
    ['stays when one answer was good', [500, 500, 200, 500, 500], {}, 2],
    ['does not pause for the errors of clients', [404, 404, 404, 404], {}, 2],
    ['pauses for answers that never came', [0, 0, 0], {}, 1],
    ['stays when the condition is off', [500, 500, 500], { consecutive5xx: 0 }, 2],
    ['pauses for gateway errors', [502, 504], { consecutive5xx: 0, consecutiveGateway: 2 }, 1],
    ['does not take 500 for a gateway error', [500, 500], { consecutive5xx: 0, consecutiveGateway: 2 }, 2],
    ['stays when too many would be out', [500, 500, 500], { ejectedPercentMost: 49 }, 2],
    ['pauses when just enough would be out', [500, 500, 500], { ejectedPercentMost: 50 }, 1],
    ['is used again when too few are healthy', [500, 500, 500], { healthyPercentLeast: 51 }, 2],
  ])('%s', (_, statuses, changes, healthy) => expect(healthyAfter(statuses, changes)).toBe(healthy));

  test('pauses alone, too, when all may be out', () => {
    expect(healthyAfter([500, 500, 500], {}, 1)).toBe(0);
    expect(healthyAfter([500, 500, 500], { ejectedPercentMost: 99 }, 1)).toBe(1);
  });

  test('comes back when its time is over, and pauses longer the next time', () => {
    const all = endpointsOf(2);
    const [bad] = all as [(typeof all)[0]];
    const fail = (nowMs: number) => {
      for (let error = 0; error < 3; error++) noteAnswer(bad, 500, { all, policy, nowMs });
    };
    fail(0);
    expect(healthyEndpoints(all, policy, 999)).not.toContain(bad);
    expect(healthyEndpoints(all, policy, 1_000)).toContain(bad);
    fail(1_000);
    expect(healthyEndpoints(all, policy, 2_999)).not.toContain(bad);
    expect(healthyEndpoints(all, policy, 3_000)).toContain(bad);
  });
});
