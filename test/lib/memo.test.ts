import { describe, expect, test } from 'vitest';
import { Memo } from '../../src/lib/memo.ts';

type Shelf = { priceOf: (fruit: string) => unknown };

/** Adds up what is asked for, and counts how often. */
function counting() {
  const memo = new Memo<{ wanted: string[] }, Shelf, string>();
  let made = 0;
  const of = (basket: { wanted: string[] }, world: Shelf) =>
    memo.of(basket, world, ({ wanted }, { priceOf }) => {
      made++;
      return wanted.map((fruit) => String(priceOf(fruit))).join();
    });
  return { of, timesMade: () => made };
}

describe('what was made of an object', () => {
  const basket = { wanted: ['apple', 'pear', 'apple'] };

  test.each<{ what: string; before: Shelf; after: Shelf; timesMade: number }>([
    {
      what: 'is kept while all answers are the same',
      before: { priceOf: () => 1 },
      after: { priceOf: () => 1 },
      timesMade: 1,
    },
    {
      what: 'is kept when what was not asked for changes',
      before: { priceOf: (fruit) => (fruit === 'plum' ? 2 : 1) },
      after: { priceOf: (fruit) => (fruit === 'plum' ? 3 : 1) },
      timesMade: 1,
    },
    {
      what: 'is made again when an answer changes',
      before: { priceOf: () => 1 },
      after: { priceOf: (fruit) => (fruit === 'pear' ? 2 : 1) },
      timesMade: 2,
    },
    {
      what: 'is kept while lists have the same elements',
      before: { priceOf: () => [1, 2] },
      after: { priceOf: () => [1, 2] },
      timesMade: 1,
    },
    {
      what: 'is made again when a list grows',
      before: { priceOf: () => [1] },
      after: { priceOf: () => [1, 2] },
      timesMade: 2,
    },
    {
      what: 'is made again when an answer is another object with the same content',
      before: { priceOf: () => ({ euro: 1 }) },
      after: { priceOf: () => ({ euro: 1 }) },
      timesMade: 2,
    },
  ])('$what', ({ before, after, timesMade: expected }) => {
    const { of, timesMade } = counting();
    of(basket, before);
    const now = of(basket, after);
    expect(timesMade()).toBe(expected);
    expect(now).toBe(counting().of(basket, after));
  });

  test('is made again for another object, and kept for each', () => {
    const { of, timesMade } = counting();
    const world = { priceOf: () => 1 };
    for (const wanted of [basket, { wanted: ['plum'] }, basket]) of(wanted, world);
    expect(timesMade()).toBe(2);
  });

  test('has every question asked again, in the same order, unless the world is the same', () => {
    const { of } = counting();
    const asked: string[] = [];
    const world = () => ({
      priceOf: (fruit: string) => {
        asked.push(fruit);
        return 1;
      },
    });
    const second = world();
    of(basket, world());
    of(basket, second);
    of(basket, second);
    expect(asked).toEqual(['apple', 'pear', 'apple', 'pear']);
  });
});
