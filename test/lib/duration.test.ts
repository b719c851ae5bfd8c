import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/lib/duration.ts';

describe('parseDuration()', () => {
  const cases: Record<string, { text: string; ms: number | undefined }> = {
    'reads seconds': { text: '30s', ms: 30_000 },
    'reads a sum of units': { text: '1h1m1s', ms: 3_661_000 },
    'reads milliseconds before minutes': { text: '250ms', ms: 250 },
    'reads fractions': { text: '1.5s', ms: 1_500 },
    'reads a bare zero': { text: '0', ms: 0 },
    'refuses a number without a unit': { text: '30', ms: undefined },
    'refuses words': { text: 'soon', ms: undefined },
    'refuses the empty text': { text: '', ms: undefined },
    'refuses a negative duration': { text: '-1s', ms: undefined },
    'refuses trailing text': { text: '1s later', ms: undefined },
  };
  test.each(Object.entries(cases))('%s', (_name, { text, ms }) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test('reads back what formatDuration() writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 86_400 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
