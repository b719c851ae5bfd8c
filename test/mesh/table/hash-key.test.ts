import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashKeyOf, pickByKey } from '../../../src/mesh/table/hash-key.ts';
import type { RequestHead } from '../../../src/mesh/table/match-route.ts';
import type { HashPolicy } from '../../../src/mesh/table/route-table.ts';

const endpoints = Array.from({ length: 10 }, (_, index) => ({ address: `10.0.0.${index}:80` }));
const keys = Array.from({ length: 5_000 }, (_, index) => `user-${index}`);

const requestWith = (headers: Readonly<Record<string, string[]>>, path = '/'): RequestHead => ({
  method: 'GET',
  path,
  authority: 'web',
  scheme: 'http',
  header: (name) => headers[name]?.[0],
  headerValues: (name) => headers[name] ?? [],
});

describe('the key of a request', () => {
  const cookie: HashPolicy = { kind: 'cookie', name: 'sid' };
  test.each<[string, HashPolicy, RequestHead, string | undefined]>([
    ['is a header', { kind: 'header', name: 'x-user' }, requestWith({ 'x-user': ['a'] }), 'a'],
    ['is all values of it, in any order', { kind: 'header', name: 'x' }, requestWith({ x: ['b', 'a'] }), 'a,b'],
    ['is absent with the header', { kind: 'header', name: 'x' }, requestWith({}), undefined],
    ['is a query parameter', { kind: 'query', name: 'u' }, requestWith({}, '/?a=1&u=2'), '2'],
    ['is the address of the client', { kind: 'sourceIp' }, requestWith({}), '9.9.9.9'],
    ['is a cookie among others', cookie, requestWith({ cookie: ['a=b; sid=xyz; c=d'] }), 'xyz'],
    ['is the cookie that we made', cookie, requestWith({ cookie: ['sid="0123"'] }), '0123'],
    ['is no cookie that only ends like it', cookie, requestWith({ cookie: ['xsid=1'] }), undefined],
  ])('%s', (_, policy, head, expected) => expect(hashKeyOf(policy, head, '9.9.9.9')).toBe(expected));
});

describe('the endpoint of a key', () => {
  test('is there unless there is none', () => {
    expect(pickByKey([], 'a')).toBeUndefined();
    expect(pickByKey(endpoints.slice(0, 1), 'a')).toBe(endpoints[0]);
  });

  test('does not depend on the order of the endpoints', () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(endpoints, { minLength: 10 }), (key, shuffled) => {
        expect(pickByKey(shuffled, key)).toBe(pickByKey(endpoints, key));
      }),
    );
  });

  test('stays when another endpoint leaves', () => {
    for (const gone of endpoints) {
      const left = endpoints.filter((endpoint) => endpoint !== gone);
      const moved = keys.filter((key) => pickByKey(endpoints, key) !== pickByKey(left, key));
      expect(moved.every((key) => pickByKey(endpoints, key) === gone)).toBe(true);
    }
  });

  test('comes back when the other one does, and only its keys move when one comes', () => {
    const [added, ...before] = endpoints;
    const moved = keys.filter((key) => pickByKey(before, key) !== pickByKey(endpoints, key));
    expect(moved.every((key) => pickByKey(endpoints, key) === added)).toBe(true);
    expect(moved.length).toBeLessThan((1.2 * keys.length) / endpoints.length);
  });

  test('is one of three times the weight three times as often, and its keys stay when it gains weight', () => {
    const weighing = (weight: number) => endpoints.map((one, index) => (index === 0 ? { ...one, weight } : one));
    const keysOf = (weight: number) =>
      keys.filter((key) => pickByKey(weighing(weight), key)?.address === '10.0.0.0:80');
    const [light, heavy] = [keysOf(1), keysOf(3)];
    expect(light.every((key) => heavy.includes(key))).toBe(true);
    expect(heavy.length / keys.length).toBeGreaterThan(0.22);
    expect(heavy.length / keys.length).toBeLessThan(0.28);
  });

  test('is each one about equally often', () => {
    const counts = Map.groupBy(keys, (key) => pickByKey(endpoints, key)?.address);
    for (const { address } of endpoints) {
      expect(counts.get(address)?.length).toBeGreaterThan(400);
      expect(counts.get(address)?.length).toBeLessThan(600);
    }
  });
});
