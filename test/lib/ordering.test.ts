import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ordering } from '../../src/lib/ordering.ts';

const item = fc.record({ rank: fc.nat(5), name: fc.string({ maxLength: 1 }) });

test('lists that follow each other are sorted as each would be alone', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 20 }), fc.array(fc.array(fc.nat(19), { maxLength: 30 })), (all, lists) => {
      const byRank = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank;
      const ordering = new Ordering(byRank);
      for (const places of lists) {
        // An object may stand in several places of a list, and have equals.
        const list = places.flatMap((place) => all[place] ?? []);
        const sorted = ordering.sort(list);
        expect(sorted.length).toBe(list.length);
        expect(sorted.every((each, index) => each === list.toSorted(byRank)[index])).toBe(true);
      }
    }),
  );
});
