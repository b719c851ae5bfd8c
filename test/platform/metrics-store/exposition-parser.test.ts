import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpositionError, parseExposition } from '../../../src/platform/metrics-store/exposition-parser.ts';

describe('a line', () => {
  const cases: Record<string, [line: string, labels: Record<string, string>, value: number, timeMs?: number]> = {
    'with a bare metric': ['up 1', { __name__: 'up' }, 1],
    'with labels': ['up{a="b",c="d"} 2.5', { __name__: 'up', a: 'b', c: 'd' }, 2.5],
    'with a trailing comma': ['up{a="b",} 1', { __name__: 'up', a: 'b' }, 1],
    'with empty braces': ['up{} 1', { __name__: 'up' }, 1],
    'with spaces and tabs anywhere': ['\tup { a = "b" , c="d" }\t 1  ', { __name__: 'up', a: 'b', c: 'd' }, 1],
    'with escapes': ['up{a="q\\"s\\\\n\\n"} 1', { __name__: 'up', a: 'q"s\\n\n' }, 1],
    'with braces inside a value': ['up{a="}{,="} 1', { __name__: 'up', a: '}{,=' }, 1],
    'with an instant': ['up 1 1700000000000', { __name__: 'up' }, 1, 1_700_000_000_000],
    'with infinity': ['up{le="+Inf"} +Inf', { __name__: 'up', le: '+Inf' }, Infinity],
    'with an exponent': ['up 1.5e-3', { __name__: 'up' }, 0.0015],
    'with a carriage return': ['up 1\r', { __name__: 'up' }, 1],
    'with a dangerous label name': ['up{__proto__="x"} 1', JSON.parse('{"__name__":"up","__proto__":"x"}'), 1],
  };

  test.each(Object.entries(cases))('%s is read', (_name, [line, labels, value, timeMs]) => {
    const [sample] = parseExposition(`${line}\n`).samples;
    expect(new Map(sample?.labels)).toEqual(new Map(Object.entries(labels)));
    expect(sample?.value).toBe(value);
    expect(sample?.timeMs).toBe(timeMs);
  });

  const wrong: Record<string, [page: string, message: RegExp]> = {
    'without a value': ['up', /line 1: must end with a number/],
    'with words for a value': ['ok 1\nup yes', /line 2: must end with a number: got .*yes/],
    'without a name': ['{a="b"} 1', /must begin with a metric name/],
    'with an unquoted value': ['up{a=b} 1', /must hold labels/],
    'without commas': ['up{a="b" c="d"} 1', /must hold labels/],
    'that does not close': ['up{a="b" 1', /must hold labels/],
    'with a label twice': ['up{a="b",a="c"} 1', /a label appears once: got a twice/],
    'with something behind': ['up 1 2 3', /must end with a number/],
    'with an endless label': [`up{a="${'x'.repeat(2_000)}"} 1`, /at most 1024 characters/],
    'with endless labels': [`up{${Array.from({ length: 80 }, (_, i) => `l${i}="x"`).join()}} 1`, /at most 64 labels/],
  };

  test.each(Object.entries(wrong))('%s makes the page invalid', (_name, [page, message]) => {
    expect(() => parseExposition(page)).toThrow(message);
  });
});

test('types and help are kept, other comments are not', () => {
  const page = '# HELP up Whether \\n it is up\n# TYPE up gauge\n# just a comment\n#\nup 1\n# EOF\n';
  expect(parseExposition(page).metadata).toEqual(new Map([['up', { type: 'gauge', help: 'Whether \n it is up' }]]));
});

test('no page makes the parser throw anything but its own error', () => {
  const parts = fc.constantFrom(
    'up',
    '{',
    '}',
    'a="',
    '"',
    ',',
    '=',
    ' ',
    '\n',
    '1',
    '#',
    '\\',
    'HELP',
    'TYPE',
    '+Inf',
  );
  const page = fc.oneof(
    fc.string(),
    fc.array(parts, { maxLength: 30 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(page, (text) => {
      try {
        parseExposition(text);
        return true;
      } catch (thrown) {
        return thrown instanceof ExpositionError;
      }
    }),
  );
});
