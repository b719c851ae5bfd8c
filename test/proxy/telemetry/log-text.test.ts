import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime, jsonText, plainText } from '../../../src/proxy/telemetry/log-text.ts';

const bytesOf = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('a value of a request in a line', () => {
  const cases: Record<string, { value: string | undefined; json: string; text: string }> = {
    'visible ASCII stays': { value: 'curl/8 (x; y)', json: '"curl/8 (x; y)"', text: 'curl/8 (x; y)' },
    'nothing is null, and a dash': { value: undefined, json: 'null', text: '-' },
    'an empty value is a dash in text': { value: '', json: '""', text: '-' },
    'a quote': { value: 'a"b', json: '"a\\"b"', text: 'a\\"b' },
    'a backslash': { value: 'a\\b', json: '"a\\\\b"', text: 'a\\\\b' },
    'a line break': { value: 'a\r\nb', json: '"a\\r\\nb"', text: 'a\\u000d\\u000ab' },
    'a tab': { value: 'a\tb', json: '"a\\tb"', text: 'a\\u0009b' },
    'letters of other scripts, sent as UTF-8': { value: bytesOf('naïve ☂'), json: '"naïve ☂"', text: 'naïve ☂' },
    'bytes that are no UTF-8': { value: 'a\xffb', json: '"a\ufffdb"', text: 'a\\u00ffb' },
    'a control character of terminals': { value: bytesOf('\u009b2J'), json: '"\\u009b2J"', text: '\\u009b2J' },
    'a line separator': { value: bytesOf('a\u2028b'), json: '"a\\u2028b"', text: 'a\\u2028b' },
    'a name from the table': { value: 'маршрут', json: '"маршрут"', text: 'маршрут' },
  };
  test.each(Object.entries(cases))('%s', (_name, { value, json, text }) => {
    expect(jsonText(value)).toBe(json);
    expect(plainText(value)).toBe(text);
  });

  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array).toString('latin1'));

  test('as JSON is one string of valid JSON, whatever its bytes', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = jsonText(value);
        expect(JSON.parse(text)).toBe(Buffer.from(value, 'latin1').toString('utf8'));
        expect(text).not.toMatch(/[\0-\x1f\x7f-\x9f]/);
      }),
    );
  });

  test('as text never holds a line break, or a quote that is not escaped', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = plainText(value);
        expect(text).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029]/);
        expect(text.replace(/\\[\s\S]/g, '')).not.toMatch(/["\\]/);
      }),
    );
  });
});

test('times are ISO 8601 with milliseconds, also across seconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (at) => {
      expect(isoTime(at)).toBe(new Date(at).toISOString());
      expect(isoTime(at + 1)).toBe(new Date(at + 1).toISOString());
    }),
  );
});
