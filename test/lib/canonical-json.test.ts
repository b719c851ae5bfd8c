import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, shortHash } from '../../src/lib/canonical-json.ts';

describe('canonicalJson()', () => {
  const texts: Record<string, { value: unknown; text: string }> = {
    'sorts keys at every depth': {
      value: { b: { d: 1, c: 2 }, a: [{ f: 3, e: 4 }] },
      text: '{"a":[{"e":4,"f":3}],"b":{"c":2,"d":1}}',
    },
    'keeps the order of lists': { value: [3, 1, 2], text: '[3,1,2]' },
    'keeps null and empty values': { value: { a: null, b: {}, c: '' }, text: '{"a":null,"b":{},"c":""}' },
    'leaves out what is undefined': { value: { a: undefined }, text: '{}' },
  };
  test.each(Object.entries(texts))('%s', (_name, { value, text }) => expect(canonicalJson(value)).toBe(text));

  test('leaves out what means nothing to the caller', () => {
    expect(canonicalJson({ a: 0, b: { c: 0, d: 1 } }, (value) => value === 0)).toBe('{"b":{"d":1}}');
  });

  test('says the same of the same, in whatever order it was written, and loses nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test('shortHash() is the same for the same value, and 12 hex digits', () => {
  expect(shortHash({ a: 1, b: 2 })).toBe(shortHash({ b: 2, a: 1 }));
  expect(shortHash({ a: 1 })).toMatch(/^[0-9a-f]{12}$/);
  expect(shortHash({ a: 1 })).not.toBe(shortHash({ a: 2 }));
});
