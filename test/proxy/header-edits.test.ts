import { describe, expect, test } from 'vitest';
import { buildHeaderEdits, joinEdits, replacingEdits } from '../../src/proxy/header-edits.ts';

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
