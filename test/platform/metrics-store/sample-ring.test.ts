import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleRing } from '../../../src/platform/metrics-store/sample-ring.ts';

const ringOf = (count: number, { capacityMax = 200, samplesLeft = 10_000 } = {}) => {
  const budget = { samplesLeft };
  const ring = new SampleRing(capacityMax, budget);
  for (let index = 0; index < count; index++) ring.append(index, index % 3 === 0 ? 'stale' : index);
  return { ring, budget };
};

describe('a ring of samples', () => {
  test('keeps the newest when it is full', () => {
    const { ring } = ringOf(1_000);
    expect([ring.length, ring.timeAt(0), ring.timeAt(199)]).toEqual([200, 800, 999]);
  });

  test('grows no further than the memory of all allows', () => {
    const { ring, budget } = ringOf(1_000, { samplesLeft: 150 });
    expect([ring.length, ring.timeAt(0), budget.samplesLeft]).toEqual([128, 872, 22]);
    ring.release();
    expect(budget.samplesLeft).toBe(150);
  });

  test('keeps staleness apart from NaN through growth and wrapping', () => {
    const { ring } = ringOf(1_000);
    ring.append(1_000, Number.NaN);
    const stale = Array.from({ length: ring.length }, (_, index) => ring.isStale(index));
    const expected = stale.map((_, index) => ring.timeAt(index) !== 1_000 && ring.timeAt(index) % 3 === 0);
    expect(stale).toEqual(expected);
  });

  test('refuses what is not newer', () => {
    const { ring } = ringOf(10);
    expect([ring.append(9, 1), ring.append(3, 1), ring.append(10, 1)]).toEqual([false, false, true]);
  });

  test('finds samples as a plain array would', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 300 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: -1, max: 501 }),
        fc.integer({ min: -1, max: 501 }),
        (all, dropped, asked) => {
          const ring = new SampleRing(100, { samplesLeft: 1_000 });
          for (const time of all) ring.append(time, time);
          ring.dropUntil(dropped);
          const kept = all.slice(-100).filter((time) => time > dropped);
          expect(Array.from({ length: ring.length }, (_, index) => ring.valueAt(index))).toEqual(kept);
          expect(ring.firstAfter(asked)).toBe(kept.filter((time) => time <= asked).length);
        },
      ),
    );
  });
});
