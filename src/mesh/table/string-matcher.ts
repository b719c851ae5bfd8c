/**
 * A StringMatch made ready for the data path. Exact and prefix matches never touch a regular expression; regular expressions
 * run on RE2 semantics (linear time) and are compiled once per table.
 */

import { RE2JS } from 're2js';
import type { StringMatch } from './route-table.ts';

/** Tests a value that is there; what an absent value means is up to the caller. */
export type StringMatcher = (value: string) => boolean;

/**
 * Compiles one match. A regular expression has to cover the whole value, as in Istio.
 *
 * @throws when the regular expression is not valid RE2; discovery validates, so a table from there never throws
 */
export function buildStringMatcher(match: StringMatch, { ignoreCase = false } = {}): StringMatcher {
  switch (match.kind) {
    case 'present':
      return () => true;
    case 'exact':
      return ignoreCase ? exactIgnoringCase(match.value) : (value) => value === match.value;
    case 'prefix':
      return ignoreCase ? prefixIgnoringCase(match.value) : (value) => value.startsWith(match.value);
    case 'regex':
      return buildRegexMatcher(match.value);
    default:
      return match satisfies never;
  }
}

function exactIgnoringCase(expected: string): StringMatcher {
  const lower = expected.toLowerCase();
  return (value) => value.length === expected.length && value.toLowerCase() === lower;
}

function prefixIgnoringCase(prefix: string): StringMatcher {
  const lower = prefix.toLowerCase();
  return (value) => value.slice(0, prefix.length).toLowerCase() === lower;
}

function buildRegexMatcher(pattern: string): StringMatcher {
  // Values of HTTP heads hold no line breaks, so that `.*` really is everything.
  if (pattern === '.*') return () => true;
  const compiled = RE2JS.compile(pattern);
  return (value) => compiled.testExact(value);
}
