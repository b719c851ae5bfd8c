import { describe, expect, test } from 'vitest';
import { NOT_ANSWERED } from '../../src/mesh/table/header-commands.ts';
import { buildHeaderEdits, joinEdits, replacingEdits, resolveEdits } from '../../src/proxy/header-edits.ts';

describe('edits behind others', () => {
  const location = replacingEdits(
    [],
    [
      ['location', 'http://web/n'],
      ['x-kept', '1'],
    ],
  );

  test.each([
    { what: 'remove what was added', operations: { remove: ['location'] }, lines: 'x-kept: 1\r\n' },
    { what: 'replace it', operations: { set: { location: '/m' } }, lines: 'x-kept: 1\r\nlocation: /m\r\n' },
    {
      what: 'add to it',
      operations: { add: { location: '/m' } },
      lines: 'location: http://web/n\r\nx-kept: 1\r\nlocation: /m\r\n',
    },
  ])('$what', ({ operations, lines }) => {
    expect(joinEdits(location, buildHeaderEdits(operations))?.lines).toBe(lines);
  });
});

describe('values that could end a line', () => {
  // U+010D and U+010A end in the bytes of CR and LF.
  test.each([
    ['a line break', 'a\r\nevil: 1', 'aevil: 1'],
    ['letters beyond Latin-1', 'a\u010d\u010aevil: 1', 'a\xc4\x8d\xc4\x8aevil: 1'],
    ['a tab', 'a\tb', 'a\tb'],
  ])('%s', (_, value, written) => {
    expect(replacingEdits([], [['x-a', value]]).lines).toBe(`x-a: ${written}\r\n`);
  });

  test('beside a command, and in a Host', () => {
    const edits = buildHeaderEdits({ set: { 'x-a': '%RESPONSE_CODE%\u010d\u010a', host: 'a\u010a' } });
    expect(resolveEdits(edits, () => NOT_ANSWERED)).toMatchObject({
      lines: expect.stringMatching(/^x-a: [^\r\n]*\r\n$/),
      host: 'a\xc4\x8a',
    });
  });
});
