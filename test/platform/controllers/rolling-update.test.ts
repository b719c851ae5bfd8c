import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  nextSizes,
  type RollingBounds,
  rollingBounds,
  type SetSize,
} from '../../../src/platform/controllers/rolling-update.ts';

describe('rollingBounds()', () => {
  const template = { spec: {} };
  const selector = {};
  const cases: Record<
    string,
    { replicas: number; maxSurge: number | string; maxUnavailable: number | string; is: RollingBounds }
  > = {
    'rounds surge up and unavailability down': {
      replicas: 10,
      maxSurge: '25%',
      maxUnavailable: '25%',
      is: { maxSurge: 3, maxUnavailable: 2 },
    },
    'takes whole numbers as they are': {
      replicas: 3,
      maxSurge: 2,
      maxUnavailable: 1,
      is: { maxSurge: 2, maxUnavailable: 1 },
    },
    'lets one pod be unavailable when both round to nothing': {
      replicas: 3,
      maxSurge: 0,
      maxUnavailable: '10%',
      is: { maxSurge: 0, maxUnavailable: 1 },
    },
    'never lets more be unavailable than there are': {
      replicas: 2,
      maxSurge: 0,
      maxUnavailable: 5,
      is: { maxSurge: 0, maxUnavailable: 2 },
    },
    'takes nonsense for zero': {
      replicas: 2,
      maxSurge: 'many',
      maxUnavailable: -3,
      is: { maxSurge: 0, maxUnavailable: 1 },
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { replicas, maxSurge, maxUnavailable, is }) => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } as const;
    expect(rollingBounds({ replicas, selector, template, strategy })).toEqual(is);
  });

  test('is 25 % both ways when nothing is said', () => {
    expect(rollingBounds({ replicas: 4, selector, template })).toEqual({ maxSurge: 1, maxUnavailable: 1 });
  });
});

const set = (name: string, replicas: number, available = replicas): SetSize => ({ name, replicas, available });

describe('nextSizes()', () => {
  const cases: Record<
    string,
    { replicas: number; newSet: SetSize; oldSets: SetSize[]; bounds: RollingBounds; is: [string, number][] }
  > = {
    'grows the new set into the surge': {
      replicas: 4,
      newSet: set('new', 0),
      oldSets: [set('old', 4)],
      bounds: { maxSurge: 1, maxUnavailable: 1 },
      is: [['new', 1]],
    },
    'shrinks the old set to the minimum while the new pod is not available': {
      replicas: 4,
      newSet: set('new', 1, 0),
      oldSets: [set('old', 4)],
      bounds: { maxSurge: 1, maxUnavailable: 1 },
      is: [['old', 3]],
    },
    'waits while nothing may go and there is no room': {
      replicas: 4,
      newSet: set('new', 1, 0),
      oldSets: [set('old', 4)],
      bounds: { maxSurge: 1, maxUnavailable: 0 },
      is: [],
    },
    'ends pods that serve nobody before healthy ones': {
      replicas: 3,
      newSet: set('new', 1, 0),
      oldSets: [set('older', 1, 1), set('broken', 3, 2)],
      bounds: { maxSurge: 2, maxUnavailable: 0 },
      is: [['broken', 2]],
    },
    'does not believe a status that still counts pods of before': {
      replicas: 3,
      newSet: set('new', 2, 2),
      oldSets: [set('old', 2, 3)],
      bounds: { maxSurge: 1, maxUnavailable: 0 },
      is: [['old', 1]],
    },
    'takes a new set that is too big back': {
      replicas: 2,
      newSet: set('new', 5),
      oldSets: [],
      bounds: { maxSurge: 1, maxUnavailable: 0 },
      is: [['new', 2]],
    },
    'is content when all is done': {
      replicas: 2,
      newSet: set('new', 2),
      oldSets: [set('old', 0)],
      bounds: { maxSurge: 1, maxUnavailable: 0 },
      is: [],
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { is, bounds, ...input }) => {
    expect([...nextSizes(input, bounds)]).toEqual(is);
  });
});

describe('a rolling update', () => {
  const arbitrary = fc
    .record({
      replicas: fc.integer({ min: 1, max: 12 }),
      maxSurge: fc.oneof(fc.nat(4), fc.constantFrom('0%', '10%', '25%', '50%', '100%')),
      maxUnavailable: fc.oneof(fc.nat(4), fc.constantFrom('0%', '10%', '25%', '50%', '100%')),
      oldSizes: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
      seeds: fc.infiniteStream(fc.nat(99)),
    })
    .map(({ replicas, oldSizes, ...more }) => ({ replicas, oldSizes: fitted(oldSizes, replicas), ...more }));

  test('never surges too far, never serves with too few, and always arrives', () => {
    fc.assert(
      fc.property(arbitrary, ({ replicas, maxSurge, maxUnavailable, oldSizes, seeds }) => {
        const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } as const;
        const bounds = rollingBounds({ replicas, selector: {}, template: { spec: {} }, strategy });
        let newSet = set('new', 0);
        let oldSets = oldSizes.map((size, index) => set(`old-${index}`, size));
        for (let turn = 0; turn < 200; turn++) {
          const sizes = nextSizes({ replicas, newSet, oldSets }, bounds);
          const resize = (one: SetSize): SetSize => {
            const size = sizes.get(one.name) ?? one.replicas;
            // A shrinking set gives up its unavailable pods first, as the ReplicaSet controller does.
            return { ...one, replicas: size, available: Math.min(one.available, size) };
          };
          newSet = resize(newSet);
          oldSets = oldSets.map(resize);
          const all = [newSet, ...oldSets];
          expect(total(all, 'replicas')).toBeLessThanOrEqual(replicas + bounds.maxSurge);
          expect(total(all, 'available')).toBeGreaterThanOrEqual(replicas - bounds.maxUnavailable);
          // New pods become available whenever they like, but at last they do.
          const [seed = 0] = seeds.take(1);
          const step = sizes.size === 0 ? 1 : seed % 3;
          newSet = { ...newSet, available: Math.min(newSet.replicas, newSet.available + step) };
        }
        expect({ newSet, old: total(oldSets, 'replicas') }).toEqual({ newSet: set('new', replicas), old: 0 });
      }),
      { numRuns: 150 },
    );
  });
});

/** Old sets that together have the wanted number of pods. */
function fitted(sizes: readonly number[], replicas: number): number[] {
  const [first = 0, ...rest] = sizes;
  let left = replicas;
  const others = rest.map((size) => {
    const taken = Math.min(size, left);
    left -= taken;
    return taken;
  });
  return [Math.max(left, Math.min(first, left)), ...others];
}

function total(sets: readonly SetSize[], field: 'replicas' | 'available'): number {
  return sets.reduce((sum, one) => sum + one[field], 0);
}
