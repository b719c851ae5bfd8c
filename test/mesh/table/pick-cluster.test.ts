import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blockOf, createBlockPicker } from '../../../src/mesh/table/pick-cluster.ts';

const weightLists = fc
  .array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 })
  .filter((weights) => weights.some((weight) => weight > 0));

describe('a weighted split', () => {
  test.each<[string, number[], number[]]>([
    ['90:10 is exact per 100', [90, 10], [90, 10]],
    ['1:3 is exact per 100', [1, 3], [25, 75]],
    ['1:1:1 is exact per 99', [1, 1, 1], [33, 33, 33]],
    ['600:200 is 75:25', [600, 200], [75, 25]],
    ['2e9:2e9 is 50:50', [2e9, 2e9], [50, 50]],
    ['one destination has every request', [7], [100]],
    ['333:667 is exact per 1000', [333, 667], [333, 667]],
    ['weight 0 gets nothing', [0, 5], [0, 100]],
  ])('%s', (_sentence, weights, block) => {
    expect(blockOf(weights)).toEqual(block);
  });

  test('gives each destination exactly its share of every block, whatever the random numbers', () => {
    fc.assert(
      fc.property(
        weightLists,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
        (weights, stream) => {
          const picker = createBlockPicker(weights, () => stream.next().value ?? 0);
          const block = blockOf(weights);
          for (let round = 0; round < 2; round++) {
            const counts = weights.map(() => 0);
            const length = block.reduce((sum, count) => sum + count, 0);
            for (let request = 0; request < length; request++) {
              const index = picker.next();
              counts[index] = (counts[index] ?? 0) + 1;
            }
            expect(counts).toEqual(block);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('keeps the proportions of the weights', () => {
    fc.assert(
      fc.property(weightLists, (weights) => {
        const block = blockOf(weights);
        const sum = (list: number[]) => list.reduce((total, each) => total + each, 0);
        for (const [index, weight] of weights.entries()) {
          expect((block[index] ?? 0) * sum(weights)).toBe(weight * sum(block));
        }
      }),
    );
  });

  test('takes any place in the block for the rare destination', () => {
    const first = createBlockPicker([99, 1], () => 0.999);
    expect(first.next()).toBe(1);
    const last = createBlockPicker([99, 1], () => 0);
    expect(Array.from({ length: 100 }, () => last.next()).indexOf(1)).toBe(99);
  });

  test.each([[[0, 0]], [[-1, 2]], [[0.5, 0.5]], [[]], [[Number.NaN]]])('refuses the weights %j', (weights) => {
    expect(() => createBlockPicker(weights, () => 0)).toThrow(RangeError);
  });
});
