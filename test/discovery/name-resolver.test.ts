import { beforeEach, describe, expect, test } from 'vitest';
import { createNameResolver, type NameResolver, type Resolved } from '../../src/discovery/name-resolver.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { FakeClock } from '../support/fake-clock.ts';

let clock: FakeClock;
let answers: Record<string, Resolved | Error>;
let asked: string[];
let changes: number;
let resolver: NameResolver;

beforeEach(() => {
  clock = new FakeClock();
  answers = {};
  asked = [];
  changes = 0;
  resolver = createNameResolver({
    resolve: async (name) => {
      asked.push(name);
      const answer = answers[name] ?? new Error('nobody knows it');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    clock,
    logger: silentLogger,
    onChange: () => changes++,
  });
});

describe('a followed name', () => {
  test('is known once it is answered, and nothing is known of others', async () => {
    answers.web = { addresses: ['10.0.0.1', '10.0.0.2'] };
    await resolver.follow(new Set(['web']));
    expect(resolver.addressesOf('web')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(resolver.addressesOf('api')).toEqual([]);
  });

  test.each([
    { what: 'after its time to live', ttlMs: 30_000, afterMs: 30_000 },
    { what: 'not before five seconds', ttlMs: 1_000, afterMs: 5_000 },
    { what: 'after five seconds when nobody says how long it lives', ttlMs: undefined, afterMs: 5_000 },
    { what: 'after five minutes, however long it lives', ttlMs: 86_400_000, afterMs: 300_000 },
  ])('is asked for again $what', async ({ ttlMs, afterMs }) => {
    answers.web = { addresses: ['10.0.0.1'], ...(ttlMs !== undefined && { ttlMs }) };
    await resolver.follow(new Set(['web']));
    await clock.advance(afterMs - 1);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(asked).toHaveLength(2);
  });

  test('that moves is told, once', async () => {
    answers.web = { addresses: ['10.0.0.1', '10.0.0.2'] };
    await resolver.follow(new Set(['web']));
    answers.web = { addresses: ['10.0.0.2', '10.0.0.1'] };
    await clock.advance(5_000);
    expect(changes).toBe(1);
    answers.web = { addresses: ['10.0.0.3'] };
    await clock.advance(5_000);
    expect(changes).toBe(2);
    expect(resolver.addressesOf('web')).toEqual(['10.0.0.3']);
  });

  test('keeps its addresses while nobody answers, and is asked for again', async () => {
    answers.web = { addresses: ['10.0.0.1'] };
    await resolver.follow(new Set(['web']));
    answers.web = new Error('timeout');
    await clock.advance(60_000);
    expect(resolver.addressesOf('web')).toEqual(['10.0.0.1']);
    expect(asked).toHaveLength(13);
    answers.web = { addresses: [] };
    await clock.advance(5_000);
    expect(resolver.addressesOf('web')).toEqual(['10.0.0.1']);
  });

  test('that nobody knows does not hold up the others', async () => {
    answers.web = { addresses: ['10.0.0.1'] };
    await resolver.follow(new Set(['nobody', 'web']));
    expect(resolver.addressesOf('web')).toEqual(['10.0.0.1']);
    expect(resolver.addressesOf('nobody')).toEqual([]);
  });

  test('is asked for once, however often it is named', async () => {
    answers.web = { addresses: ['10.0.0.1'] };
    await resolver.follow(new Set(['web']));
    await resolver.follow(new Set(['web']));
    expect(asked).toEqual(['web']);
  });

  test('is forgotten when nobody names it any more', async () => {
    answers.web = { addresses: ['10.0.0.1'] };
    await resolver.follow(new Set(['web']));
    await resolver.follow(new Set());
    await clock.advance(60_000);
    expect(asked).toEqual(['web']);
    expect(resolver.addressesOf('web')).toEqual([]);
  });
});

test('a closed resolver asks no more', async () => {
  answers.web = { addresses: ['10.0.0.1'] };
  await resolver.follow(new Set(['web']));
  resolver.close();
  await clock.advance(60_000);
  expect(asked).toEqual(['web']);
});
