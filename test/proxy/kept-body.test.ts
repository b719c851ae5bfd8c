import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeptBody } from '../../src/proxy/kept-body.ts';
import { Outbox } from '../../src/proxy/outbox.ts';
import { Counters } from '../../src/proxy/telemetry/counters.ts';

const DROPPED = 'copies_dropped_total';

function surroundings(limits = { keptBodyBytes: 100, keptBytes: 1_000 }) {
  return { outbox: new Outbox(), counters: new Counters(), limits, state: { keptBytes: 0 } };
}

/** The piece goes through the outbox, as from the client to the service. */
function pass(path: ReturnType<typeof surroundings>, body: KeptBody, piece: string): void {
  const from = path.outbox.length;
  path.outbox.text(piece);
  body.keep(from);
  path.outbox.discard();
}

function written(path: ReturnType<typeof surroundings>, body: KeptBody): string {
  body.write();
  const text = path.outbox.copyFrom(0).toString('latin1');
  path.outbox.discard();
  return text;
}

describe('a body that is kept', () => {
  test('is written again as it passed, as often as it is asked for', () => {
    const path = surroundings();
    const body = new KeptBody(path, DROPPED);
    for (const piece of ['one ', '', 'two']) pass(path, body, piece);
    expect([written(path, body), written(path, body), body.length, body.isWhole]).toEqual([
      'one two',
      'one two',
      7,
      true,
    ]);
  });

  test.each([
    ['is kept up to the last byte of its limit', 100, true, {}],
    ['is given up, and counted, beyond it', 101, false, { [`${DROPPED}{reason="too_large"}`]: 1 }],
  ])('%s', (_sentence, bytes, isWhole, counted) => {
    const path = surroundings();
    const body = new KeptBody(path, DROPPED);
    pass(path, body, 'x'.repeat(60));
    pass(path, body, 'x'.repeat(bytes - 60));
    pass(path, body, '');
    expect([body.isWhole, path.counters.takeDeltas()]).toEqual([isWhole, counted]);
    body.release();
    expect(path.state.keptBytes).toBe(0);
  });

  test('is given up when all bodies together take too much, and others stay', () => {
    const path = surroundings({ keptBodyBytes: 500, keptBytes: 1_000 });
    const [first, second] = [new KeptBody(path, DROPPED), new KeptBody(path, DROPPED)];
    pass(path, first, 'x'.repeat(500));
    pass(path, second, 'x'.repeat(400));
    expect([first.isWhole, second.isWhole]).toEqual([true, false]);
    expect(path.counters.takeDeltas()).toEqual({ [`${DROPPED}{reason="memory"}`]: 1 });
    first.release();
    const third = new KeptBody(path, DROPPED);
    pass(path, third, 'x'.repeat(500));
    expect(third.isWhole).toBe(true);
  });

  test('in pieces of a byte costs what the pieces cost', () => {
    const path = surroundings({ keptBodyBytes: 500, keptBytes: 1_000 });
    const body = new KeptBody(path, DROPPED);
    for (let sent = 0; sent < 20; sent++) pass(path, body, 'x');
    expect(body.isWhole).toBe(false);
  });

  test('stays until the last one who needs it says so', () => {
    const path = surroundings();
    const body = new KeptBody(path, DROPPED);
    pass(path, body, 'copy me');
    body.hold();
    body.release();
    expect(written(path, body)).toBe('copy me');
    body.release();
    expect([body.isWhole, path.state.keptBytes]).toEqual([false, 0]);
  });

  test('never takes more than there is, and gives back all that it took', () => {
    const pieces = fc.array(fc.tuple(fc.nat(3), fc.nat(400)), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, (passed) => {
        const path = surroundings({ keptBodyBytes: 600, keptBytes: 1_500 });
        const bodies = Array.from({ length: 4 }, () => new KeptBody(path, DROPPED));
        for (const [index, bytes] of passed) {
          pass(path, bodies[index] as KeptBody, 'x'.repeat(bytes));
          expect(path.state.keptBytes).toBeLessThanOrEqual(1_500);
        }
        for (const body of bodies) body.release();
        expect(path.state.keptBytes).toBe(0);
      }),
    );
  });
});
