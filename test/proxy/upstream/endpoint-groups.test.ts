import { describe, expect, test } from 'vitest';
import { groupEndpoints, groupFor } from '../../../src/proxy/upstream/endpoint-groups.ts';

type Place = { priority?: number; locality?: string; weight?: number };

const endpointOf = (endpoint: Place) => ({ endpoint, weight: endpoint.weight ?? 1 });
const shareOf = (groups: readonly { below: number }[]) =>
  groups.map(({ below }, index) => Math.round((below - (groups[index - 1]?.below ?? 0)) * 100));

describe('priorities', () => {
  /** @returns per cent of the requests for each priority, of 100 endpoints in each */
  const loads = (...healthy: number[]) => {
    const tiers = healthy.map((_, priority) => Array.from({ length: 100 }, () => endpointOf({ priority })));
    const left = tiers.flatMap((tier, priority) => tier.slice(0, healthy[priority]));
    const groups = groupEndpoints(tiers.flat(), left, undefined);
    return healthy.map((_, priority) => {
      const index = groups.findIndex(({ endpoints }) => endpoints[0]?.endpoint.priority === priority);
      return shareOf(groups)[index] ?? 0;
    });
  };

  test.each<[number[], number[]]>([
    [
      [100, 100],
      [100, 0],
    ],
    [
      [72, 100],
      [100, 0],
    ],
    [
      [71, 100],
      [99, 1],
    ],
    [
      [50, 100],
      [70, 30],
    ],
    [
      [25, 100],
      [35, 65],
    ],
    [
      [0, 100],
      [0, 100],
    ],
    [
      [25, 25],
      [50, 50],
    ],
    [
      [0, 50, 100],
      [0, 70, 30],
    ],
    [
      [100, 0],
      [100, 0],
    ],
    [
      [0, 1],
      [0, 100],
    ],
  ])('with %j per cent healthy get %j per cent', (healthy, expected) => expect(loads(...healthy)).toEqual(expected));

  test('leave nobody when nobody is healthy', () => {
    expect(groupEndpoints([endpointOf({ priority: 1 })], [], undefined)).toEqual([]);
    expect(groupEndpoints([endpointOf({})], [], undefined)).toEqual([]);
  });

  test('are served as long as one in thousands is healthy', () => {
    const all = Array.from({ length: 2_000 }, () => endpointOf({ priority: 0 }));
    expect(shareOf(groupEndpoints([...all, endpointOf({ priority: 1 })], all.slice(0, 1), undefined))).toEqual([100]);
  });
});

describe('localities', () => {
  const all = ['a', 'a', 'b', 'b'].map((locality) => endpointOf({ locality }));
  const weights = { a: 80, b: 20 };

  test('get what they weigh', () => expect(shareOf(groupEndpoints(all, all, weights))).toEqual([80, 20]));

  test('get less when too few of them are healthy', () => {
    // Half healthy is worth 0.7 of the weight.
    expect(shareOf(groupEndpoints(all, all.slice(1), weights))).toEqual([74, 26]);
  });

  test('get all when the others are gone', () => {
    expect(shareOf(groupEndpoints(all, all.slice(2), weights))).toEqual([100]);
  });
});

describe('a group', () => {
  const groups = [
    { endpoints: ['a'], isEven: true, below: 0.7, turn: 0 },
    { endpoints: ['b'], isEven: true, below: 1, turn: 0 },
  ];
  test.each([
    [0, 'a'],
    [0.69, 'a'],
    [0.7, 'b'],
    [0.999, 'b'],
  ])('takes the draw %f', (draw, expected) => expect(groupFor(groups, () => draw)?.endpoints).toEqual([expected]));

  test('is even when all of its endpoints weigh the same', () => {
    const even = groupEndpoints([endpointOf({ weight: 3 }), endpointOf({ weight: 3 })], [], undefined);
    expect(even).toEqual([]);
    const two = [endpointOf({ weight: 3 }), endpointOf({ weight: 2 })];
    expect(groupEndpoints(two, two, undefined)[0]?.isEven).toBe(false);
  });
});
