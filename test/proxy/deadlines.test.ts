import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Deadlines } from '../../src/proxy/deadlines.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('deadlines', () => {
  test('come in time, once, and not when they were cancelled', async () => {
    const step = fc.record({
      lengthMs: fc.constantFrom(1, 5, 20, 20.5),
      laterMs: fc.nat(8),
      cancelledAfter: fc.option(fc.nat(30)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new FakeClock();
        const deadlines = new Deadlines(clock);
        const over: { at: number; due: number; cancelled: number }[] = [];
        let expected = 0;
        for (const { lengthMs, laterMs, cancelledAfter } of steps) {
          const due = clock.monotonicMs() + lengthMs;
          const cancelled = cancelledAfter === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() + cancelledAfter;
          const deadline = deadlines.set(lengthMs, clock.monotonicMs(), {
            onDeadline: () => over.push({ at: clock.monotonicMs(), due, cancelled }),
          });
          if (cancelledAfter !== null) clock.after(cancelledAfter, () => deadline.cancel());
          if (cancelled > due + 2) expected++;
          await clock.advance(laterMs);
        }
        await clock.advance(100);
        for (const { at, due, cancelled } of over) {
          expect(at).toBeGreaterThanOrEqual(due);
          expect(at).toBeLessThan(due + 2);
          expect(at).toBeLessThanOrEqual(cancelled);
        }
        expect(over.length).toBeGreaterThanOrEqual(expected);
      }),
    );
  });

  test('may be set when one is over, and cancelled twice', async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock);
    const seen: string[] = [];
    const first = deadlines.set(10, 0, {
      onDeadline() {
        seen.push('first');
        deadlines.set(10, clock.monotonicMs(), { onDeadline: () => seen.push('second') });
      },
    });
    await clock.advance(25);
    first.cancel();
    first.cancel();
    expect(seen).toEqual(['first', 'second']);
  });
});
