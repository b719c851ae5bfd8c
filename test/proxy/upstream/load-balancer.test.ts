import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/mesh/table/route-table.ts';
import type { EndpointGroup } from '../../../src/proxy/upstream/endpoint-groups.ts';
import { balance, warmthOf } from '../../../src/proxy/upstream/load-balancer.ts';

type Balanced = { name: number; active: number; weight: number; addedMs: number; credit: number };
type Policy = Pick<Cluster, 'loadBalancer' | 'warmup'>;

function groupOf(weights: readonly number[], { active = 0, addedMs = 0 } = {}): EndpointGroup<Balanced> {
  const endpoints = weights.map((weight, name) => ({ name, active, weight, addedMs, credit: 0 }));
  return { endpoints, isEven: new Set(weights).size === 1, below: 1, turn: 0 };
}

/** Different for every call, evenly spread, and the same in every run. */
function spread(): () => number {
  let drawn = 0;
  return () => (drawn = (drawn + 0.618_033_988_75) % 1);
}

function counts(policy: Policy, group: EndpointGroup<Balanced>, picks: number, nowMs = 1e9): number[] {
  const taken = group.endpoints.map(() => 0);
  const random = spread();
  for (let pick = 0; pick < picks; pick++) {
    const { name } = balance(policy, group, { nowMs, random }) as Balanced;
    taken[name] = (taken[name] ?? 0) + 1;
  }
  return taken;
}

describe('ROUND_ROBIN', () => {
  const policy: Policy = { loadBalancer: 'ROUND_ROBIN' };

  test('takes turns', () => expect(counts(policy, groupOf([1, 1, 1]), 9)).toEqual([3, 3, 3]));

  test('gives every endpoint exactly its share, whatever the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        // With equal weights a turn is one request, so a round may end within the total.
        expect(counts(policy, groupOf(weights), total)).toEqual(weights);
      }),
    );
  });
});

describe('RANDOM', () => {
  test.each([[[1, 1]], [[3, 1]]])('draws by the weights %j', (weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const taken = counts({ loadBalancer: 'RANDOM' }, groupOf(weights), 1_000 * total);
    for (const [index, weight] of weights.entries()) {
      expect(Math.abs((taken[index] ?? 0) - 1_000 * weight)).toBeLessThan(20);
    }
  });
});

describe('LEAST_REQUEST', () => {
  const policy: Policy = { loadBalancer: 'LEAST_REQUEST' };

  test('takes the less loaded of two', () => {
    const group = groupOf([1, 1]);
    const [first] = group.endpoints as [Balanced];
    first.active = 1;
    expect(counts(policy, group, 10)).toEqual([0, 10]);
  });

  test('lets load take away from the weight where weights differ', () => {
    expect(counts(policy, groupOf([3, 1]), 400)).toEqual([300, 100]);
    const group = groupOf([3, 1]);
    const [first] = group.endpoints as [Balanced];
    first.active = 2;
    expect(counts(policy, group, 400)).toEqual([200, 200]);
  });
});

describe('an endpoint that failed', () => {
  test.each<Policy['loadBalancer']>(['ROUND_ROBIN', 'RANDOM', 'LEAST_REQUEST'])('is avoided by %s', (loadBalancer) => {
    const group = groupOf([1, 1, 1]);
    const [first, second, third] = group.endpoints as [Balanced, Balanced, Balanced];
    for (let pick = 0; pick < 20; pick++) {
      const picked = balance({ loadBalancer }, group, { nowMs: 0, random: spread(), avoid: [first, third] });
      expect(picked).toBe(second);
    }
    expect(balance({ loadBalancer }, group, { nowMs: 0, random: spread(), avoid: group.endpoints })).toBeDefined();
  });
});

describe('warm-up', () => {
  const warmup = { durationMs: 100_000, leastShare: 0.1, aggression: 1 };

  test.each<[number, number, number]>([
    [0, 1, 0.1],
    [500, 1, 0.1],
    [50_000, 1, 0.5],
    [99_000, 1, 0.99],
    [100_000, 1, 1],
    [25_000, 2, 0.5],
    [4_000, 2, 0.2],
  ])('after %i ms, with aggression %f, is %f of the share', (ageMs, aggression, expected) => {
    expect(warmthOf({ addedMs: 1_000 }, { ...warmup, aggression }, 1_000 + ageMs)).toBeCloseTo(expected, 6);
  });

  const sharesOf = (loadBalancer: Policy['loadBalancer'], nowMs: number) => {
    const group = groupOf([1, 1]);
    const [, second] = group.endpoints as [Balanced, Balanced];
    second.addedMs = 100_000;
    return counts({ loadBalancer, warmup }, group, 110, nowMs);
  };

  test('sends a new endpoint little at first and its share in the end', () => {
    expect(sharesOf('ROUND_ROBIN', 101_000)).toEqual([100, 10]);
    expect(sharesOf('LEAST_REQUEST', 101_000)).toEqual([100, 10]);
    expect(sharesOf('ROUND_ROBIN', 200_000)).toEqual([55, 55]);
  });

  test('does not concern RANDOM', () => {
    const [old = 0, fresh = 0] = sharesOf('RANDOM', 101_000);
    expect(Math.abs(old - fresh)).toBeLessThan(5);
  });

  test('leaves endpoints alone that came together', () => {
    expect(counts({ loadBalancer: 'ROUND_ROBIN', warmup }, groupOf([1, 1]), 10, 5_000)).toEqual([5, 5]);
  });
});
