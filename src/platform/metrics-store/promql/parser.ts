/**
 * PromQL by precedence climbing (Prometheus documentation, "Operators"). What the embedded store cannot answer is refused here,
 * with its place, so that no query ever gives a wrong number.
 */

import { type Binary, COMPARISONS, type Expr, SET_OPERATORS } from './ast.ts';
import { parseModifiers } from './parse-modifiers.ts';
import { parsePrimary } from './parse-primary.ts';
import { parseErrorAt } from './promql-error.ts';
import { TokenStream } from './token-stream.ts';
import { checkTypes } from './type-check.ts';
import { parseVectorMatching } from './vector-matching.ts';

/** Longest query, in characters, and deepest nesting: both far beyond what a person writes. */
const LENGTH_MAX = 65_536;
const DEPTH_MAX = 100;

const PRECEDENCE: Record<string, number> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
};
/** A sign binds like a product: `-2 ^ 2` is -4. */
const SIGN_PRECEDENCE = 5;

/** @throws PromqlError with the place of what is wrong, and nothing else */
export function parsePromql(text: string): Expr {
  if (text.length > LENGTH_MAX) {
    throw parseErrorAt(text, 0, `a query holds at most ${LENGTH_MAX} characters: got ${text.length}`);
  }
  const tokens = new TokenStream(text);
  if (tokens.peek().kind === 'end') throw parseErrorAt(text, 0, 'no expression found in input');
  const expr = parseExpr({ tokens, depth: 0 });
  if (tokens.peek().kind !== 'end') throw tokens.unexpected('the query', 'an operator or the end');
  checkTypes(expr, (at, message) => parseErrorAt(text, at, message));
  return expr;
}

/** Where the parser stands. */
export type ParseState = { tokens: TokenStream; depth: number };

export function parseExpr({ tokens, depth }: ParseState, precedenceMin = 0): Expr {
  if (depth > DEPTH_MAX) throw tokens.fail(tokens.peek().offset, `expressions nest at most ${DEPTH_MAX} deep`);
  const state = { tokens, depth: depth + 1 };
  let left = parseOperand(state);
  // Long chains build deep trees without recursion here; the evaluator would recurse into them.
  for (let length = 0; ; length++) {
    const operator = binaryOperator(tokens);
    const precedence = operator === undefined ? undefined : PRECEDENCE[operator];
    if (operator === undefined || precedence === undefined || precedence <= precedenceMin) return left;
    if (length > 1_000) throw tokens.fail(tokens.peek().offset, 'too many operators in a row');
    left = parseBinary(state, left, { operator, precedence });
  }
}

function parseOperand(state: ParseState): Expr {
  const { tokens } = state;
  const { offset } = tokens.peek();
  for (const operator of ['-', '+'] as const) {
    if (!tokens.takeOperator(operator)) continue;
    return { kind: 'unary', operator, expr: parseExpr(state, SIGN_PRECEDENCE), at: offset };
  }
  return parseModifiers(state, parsePrimary(state));
}

function binaryOperator(tokens: TokenStream): string | undefined {
  const { kind, text } = tokens.peek();
  const operator = text.toLowerCase();
  if (kind !== 'operator' && kind !== 'identifier') return undefined;
  return Object.hasOwn(PRECEDENCE, operator) ? operator : undefined;
}

function parseBinary(
  state: ParseState,
  left: Expr,
  { operator, precedence }: { operator: string; precedence: number },
): Binary {
  const { tokens } = state;
  const at = tokens.take().offset;
  const bool = tokens.isKeyword('bool');
  if (bool && !COMPARISONS.has(operator)) {
    throw tokens.fail(tokens.peek().offset, 'bool modifier can only be used on comparison operators');
  }
  if (bool) tokens.take();
  const matching = parseVectorMatching(tokens, SET_OPERATORS.has(operator));
  // Powers are right-associative, everything else left-associative.
  const right = parseExpr(state, operator === '^' ? precedence - 1 : precedence);
  return { kind: 'binary', operator, left, right, bool, matching, at };
}
