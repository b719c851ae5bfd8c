/** Instant vector selectors: a name, matchers in braces, or both. */

import { messageOf } from '../../../lib/errors.ts';
import { METRIC_NAME } from '../labels.ts';
import type { Matcher, MatchOperator, VectorSelector } from './ast.ts';
import { createMatcher } from './matcher.ts';
import type { TokenStream } from './token-stream.ts';

export function parseSelector(tokens: TokenStream, name: string, at = tokens.peek().offset): VectorSelector {
  const inBraces = tokens.isOperator('{') ? parseMatchers(tokens) : [];
  const named = inBraces.some((matcher) => matcher.name === METRIC_NAME);
  if (name !== '' && named) throw tokens.fail(at, `metric name must not be set twice: ${JSON.stringify(name)}`);
  const matchers = name === '' ? inBraces : [createMatcher(METRIC_NAME, '=', name), ...inBraces];
  // A selector that an empty label set satisfies would select everything there is.
  if (matchers.every(({ matches }) => matches(''))) {
    throw tokens.fail(at, 'vector selector must contain at least one non-empty matcher');
  }
  return { kind: 'vector', name, matchers, offsetMs: 0, at };
}

function parseMatchers(tokens: TokenStream): Matcher[] {
  tokens.expectOperator('{', 'label matching');
  const matchers: Matcher[] = [];
  while (!tokens.isOperator('}')) {
    matchers.push(parseMatcher(tokens));
    if (!tokens.takeOperator(',')) break;
  }
  tokens.expectOperator('}', 'label matching');
  return matchers;
}

function parseMatcher(tokens: TokenStream): Matcher {
  const label = tokens.expectKind('identifier', 'label matching');
  if (label.text.includes(':')) throw tokens.fail(label.offset, `label names hold no colons: got ${label.text}`);
  const operator = tokens.take();
  if (operator.kind !== 'operator' || !isMatchOperator(operator.text)) {
    throw tokens.fail(
      operator.offset,
      `unexpected ${JSON.stringify(operator.text)} in label matching, expected =, !=, =~ or !~`,
    );
  }
  const value = tokens.expectKind('string', 'label matching');
  try {
    return createMatcher(label.text, operator.text, value.text);
  } catch (thrown) {
    throw tokens.fail(value.offset, `error parsing regexp: ${messageOf(thrown)}`);
  }
}

function isMatchOperator(text: string): text is MatchOperator {
  return text === '=' || text === '!=' || text === '=~' || text === '!~';
}
