import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePromql } from '../../../../src/platform/metrics-store/promql/parser.ts';
import { printPromql } from '../../../../src/platform/metrics-store/promql/print.ts';
import { PromqlError } from '../../../../src/platform/metrics-store/promql/promql-error.ts';
import { QUERIES } from '../../../prometheus/queries.ts';

const errorOf = (text: string): string => {
  try {
    parsePromql(text);
    return 'accepted';
  } catch (thrown) {
    return thrown instanceof PromqlError ? thrown.message : `threw ${thrown}`;
  }
};

describe('a query that is wrong is refused with its place', () => {
  const cases: Record<string, [query: string, message: RegExp]> = {
    nothing: ['  ', /^1:1: parse error: no expression found in input$/],
    'an operator without operand': ['up +', /^1:5: .*unexpected end of input/],
    'an open parenthesis': ['sum(up', /^1:7: .*expected "\)"/],
    'two expressions': ['up up', /^1:4: .*unexpected identifier "up"/],
    'an unknown function': ['quux(up)', /^1:1: .*unknown function with name "quux"/],
    'an inherited name as a function': ['constructor(up)', /unknown function/],
    'a range where a vector belongs': [
      'abs(up[5m])',
      /^1:5: .*expected type instant vector in call to function "abs", got range vector/,
    ],
    'a vector where a range belongs': [
      'rate(up)',
      /^1:6: .*expected type range vector in call to function "rate", got instant vector/,
    ],
    'too few arguments': ['clamp(up, 1)', /^1:1: .*expected 3 argument\(s\) in call to "clamp", got 2/],
    'an aggregation without its parameter': ['topk(up)', /^1:1: .*expected 2, got 1/],
    'a selector of everything': ['{a=~".*"}', /^1:1: .*at least one non-empty matcher/],
    'a regular expression that is none': ['up{a=~"("}', /^1:7: .*error parsing regexp/],
    'back references, which RE2 has not': ['up{a=~"(a)\\\\1"}', /error parsing regexp/],
    'two names': ['up{__name__="down"}', /^1:1: .*must not be set twice/],
    'a range of an expression': ['(up)[5m]', /^1:5: .*only allowed for vector selectors/],
    'an offset of an expression': ['sum(up) offset 5m', /^1:9: .*offset modifier must be preceded/],
    'a duration of nothing': ['up[0s]', /greater than 0/],
    'units in the wrong order': ['up[5s1m]', /bad duration syntax/],
    'an @ modifier': ['up @ 1', /^1:4: .*@ modifier is not supported/],
    'bool where nothing is compared': ['1 + bool 2', /^1:5: .*bool modifier/],
    'scalars compared without bool': ['1 > 2', /^1:3: .*must use BOOL/],
    'sets of scalars': ['up and 1', /^1:4: .*not allowed in binary scalar/],
    'an open string': ['up{a="b}', /^1:6: .*unterminated/],
    'an unknown escape': ['up{a="\\q"}', /unknown escape sequence/],
    'a strange character': ['up ; 1', /^1:4: .*unexpected character: ";"/],
    'a mistake on a later line': ['up\n  + )', /^2:5: /],
    'deep nesting': ['('.repeat(50_000), /nest at most/],
    'deep signs': ['-'.repeat(50_000), /nest at most/],
    'an endless chain': [`1${' + 1'.repeat(5_000)}`, /too many operators/],
    'an endless text': ['a'.repeat(70_000), /at most 65536 characters/],
  };

  test.each(Object.entries(cases))('%s', (_name, [query, message]) => {
    expect(errorOf(query)).toMatch(message);
  });
});

describe('a query is read', () => {
  const cases: Record<string, [query: string, normal: string]> = {
    'with keywords as metric names': ['sum + on + offset', 'sum + on + offset'],
    'with keywords in any case': ['SUM BY (a) (up) > BOOL 1', 'sum by (a) (up) > bool 1'],
    'with groupings behind': ['sum(up) without (a)', 'sum without (a) (up)'],
    'with comments and trailing commas': ['up{a="b",} # it is\n', 'up{a="b"}'],
    'with any quotes': ["up{a='x',b=`\\d`}", 'up{a="x",b="\\\\d"}'],
    'with any number': ['0x1F + .5 + 1e3 + Inf', '31 + 0.5 + 1000 + Inf'],
    'with a long duration': ['up[90m] offset -1w', 'up[1h30m] offset -1w'],
    'with a recording rule in a subquery': ['max_over_time(job:up:sum[5m:])', 'max_over_time(job:up:sum[5m:])'],
  };

  test.each(Object.entries(cases))('%s', (_name, [query, normal]) => {
    expect(printPromql(parsePromql(query))).toBe(normal);
  });

  test('so that powers bind to the right and before signs', () => {
    const expr = parsePromql('-2 ^ 3 ^ 2');
    expect(expr).toMatchObject({ kind: 'unary', expr: { operator: '^', right: { kind: 'binary', operator: '^' } } });
  });
});

describe('laws', () => {
  const vocabulary = [
    ...['sum', 'rate', 'up', 'by', 'on', 'group_left', 'bool', 'offset', 'and', 'histogram_quantile', 'nan', 'a:b'],
    ...[
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '+',
      '-',
      '*',
      '^',
      '==',
      '=~',
      '!=',
      '"x"',
      '"("',
      '5m',
      '1',
      '.5',
      '@',
      '#',
      '\\',
      "'",
    ],
  ];
  const soup = fc.array(fc.constantFrom(...vocabulary), { maxLength: 20 }).map((words) => words.join(' '));

  test('the parser throws nothing but its own error', () => {
    fc.assert(
      fc.property(
        fc.oneof(soup, fc.string({ unit: 'binary' }), fc.string()),
        (text) => !errorOf(text).startsWith('threw'),
      ),
    );
  });

  test.each(QUERIES)('printing %s and parsing it again changes nothing', (query) => {
    const printed = printPromql(parsePromql(query));
    expect(printPromql(parsePromql(printed))).toBe(printed);
  });

  test('whatever parses prints to something that prints the same', () => {
    fc.assert(
      fc.property(soup, (text) => {
        if (errorOf(text) !== 'accepted') return;
        const printed = printPromql(parsePromql(text));
        expect(printPromql(parsePromql(printed))).toBe(printed);
      }),
      { numRuns: 500 },
    );
  });
});
