import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldList } from '../../../src/proxy/h1/field-list.ts';
import { ValueMemo } from '../../../src/proxy/h1/value-memo.ts';

const MOST = 100;

describe('values that were read before', () => {
  test('do not change how a head is read', () => {
    // Values that resemble each other, with bytes that make no number (0xff, 0x7f) or may not be there (NUL, DEL, CR, LF).
    const value = fc
      .tuple(
        fc.constantFrom('', 'a', 'gzip, deflate, br', 'x'.repeat(255), 'y'.repeat(256), 'z'.repeat(300)),
        fc.array(fc.constantFrom('a', 'b', ' ', '\t', '\x00', '\x7f', '\xff', '\xf0', '\r', '\n', '\r\n'), {
          maxLength: 12,
        }),
        fc.constantFrom('', '  ', 'tail'),
      )
      .map(([start, middle, end]) => start + middle.join('') + end);
    const field = fc
      .tuple(fc.constantFrom('Accept', 'x-a', 'date'), value)
      .map(([name, text]) => `${name}: ${text}\r\n`);
    const head = fc
      .tuple(fc.array(field, { maxLength: 30 }), fc.constantFrom('\r\n', ''))
      .map(([fields, end]) => fields.join('') + end);
    fc.assert(
      fc.property(fc.array(head, { minLength: 2, maxLength: 6 }), fc.nat(40), (heads, shift) => {
        const used = new FieldList(MOST);
        const shared = Buffer.alloc(16 * 1_024);
        for (const [index, text] of heads.entries()) {
          const start = index * shift;
          const end = start + shared.write(text, start, 'latin1');
          const fresh = new FieldList(MOST);
          const result = used.scan(shared, start, end);
          expect(result).toBe(fresh.scan(shared, start, end));
          if (result > 0) expect(fieldsOf(used)).toEqual(fieldsOf(fresh));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    { title: 'the same', next: 'abcdefghij\r\n', skipped: 10 },
    { title: 'the same and more', next: 'abcdefghijk\r\n', skipped: 10 },
    { title: 'another in its last byte', next: 'abcdefghiX\r\n', skipped: 0 },
    { title: 'another in its first byte', next: 'Xbcdefghij\r\n', skipped: 0 },
    { title: 'a part of it', next: 'abcdefghi', skipped: 0 },
    { title: 'it without what follows', next: 'abcdefghij', skipped: 0 },
  ])('$title: $skipped bytes need no look', ({ next, skipped }) => {
    const memo = new ValueMemo();
    memo.keep(Buffer.from('abcdefghij'), 0, 10, 3);
    const bytes = Buffer.from(`..${next}`);
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    expect(memo.skip(words, 2, bytes.length, 3)).toBe(2 + skipped);
    expect(memo.skip(words, 2, bytes.length, 4)).toBe(2);
  });
});

function fieldsOf(list: FieldList): [string, string][] {
  return Array.from({ length: list.count }, (_, index) => [list.name(index), list.value(index)]);
}
