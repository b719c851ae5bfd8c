/** Label matchers. Regular expressions are RE2 and have to cover the whole value, as in Prometheus. */

import { RE2JS } from 're2js';
import type { Matcher, MatchOperator } from './ast.ts';

/** @throws when the regular expression is not valid RE2 */
export function createMatcher(name: string, operator: MatchOperator, value: string): Matcher {
  return { name, operator, value, matches: predicate(operator, value) };
}

function predicate(operator: MatchOperator, expected: string): (value: string) => boolean {
  switch (operator) {
    case '=':
      return (value) => value === expected;
    case '!=':
      return (value) => value !== expected;
    case '=~':
      return regexPredicate(expected);
    case '!~': {
      const matches = regexPredicate(expected);
      return (value) => !matches(value);
    }
    default:
      return operator satisfies never;
  }
}

function regexPredicate(pattern: string): (value: string) => boolean {
  const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
  // The same few label values are asked again for every series and every step.
  const known = new Map<string, boolean>();
  return (value) => {
    let result = known.get(value);
    if (result === undefined) {
      result = compiled.testExact(value);
      if (known.size < 10_000) known.set(value, result);
    }
    return result;
  };
}
