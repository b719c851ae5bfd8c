import { describe, expect, test } from 'vitest';
import { formatAge } from '../../src/cli/age.ts';
import { displayWidth, renderColumns } from '../../src/cli/columns.ts';

test('renderColumns() aligns under the headers, by display width, and hides wide columns', () => {
  const columns = [
    { header: 'NAME', cell: (row: string[]) => row[0] ?? '' },
    { header: 'STATUS', cell: (row: string[]) => row[1] ?? '' },
    { header: 'NOTE', cell: (row: string[]) => row[2] ?? '', wide: true },
  ];
  const rows = [
    ['hello', '\u001b[32mSucceeded\u001b[39m', 'x'],
    ['世界', 'Failed', 'y'],
  ];
  expect(renderColumns(columns, rows)).toBe('NAME    STATUS\nhello   \u001b[32mSucceeded\u001b[39m\n世界    Failed');
  expect(renderColumns(columns, [['a', 'b', 'c']], { wide: true })).toBe('NAME   STATUS   NOTE\na      b        c');
});

test('displayWidth() counts neither escape sequences nor half of a wide character', () => {
  expect([displayWidth('\u001b[1mab\u001b[0m'), displayWidth('世'), displayWidth('')]).toEqual([2, 2, 0]);
});

describe('formatAge()', () => {
  const cases: Record<string, { ageMs: number; text: string }> = {
    'counts seconds up to two minutes': { ageMs: 119_999, text: '119s' },
    'adds seconds to few minutes': { ageMs: 200_000, text: '3m20s' },
    'leaves out a zero': { ageMs: 180_000, text: '3m' },
    'drops seconds of many minutes': { ageMs: 601_000, text: '10m' },
    'counts hours': { ageMs: 5 * 3_600_000 + 180_000, text: '5h3m' },
    'counts days': { ageMs: 12 * 86_400_000, text: '12d' },
    'never shows a negative age': { ageMs: -5, text: '0s' },
  };
  test.each(Object.entries(cases))('%s', (_name, { ageMs, text }) => {
    expect(formatAge(ageMs)).toBe(text);
  });
});
