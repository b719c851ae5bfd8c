/** What may stand behind an operand: a range, a subquery, an offset. */

import type { Expr } from './ast.ts';
import type { ParseState } from './parser.ts';
import type { TokenStream } from './token-stream.ts';

export function parseModifiers({ tokens }: ParseState, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    if (tokens.isOperator('[')) expr = parseRange(tokens, expr);
    else if (tokens.isKeyword('offset')) expr = parseOffset(tokens, expr);
    else if (tokens.isOperator('@')) {
      throw tokens.fail(tokens.peek().offset, 'the @ modifier is not supported by the embedded metrics store');
    } else return expr;
  }
}

function parseRange(tokens: TokenStream, expr: Expr): Expr {
  const { offset } = tokens.take();
  const rangeMs = takeDuration(tokens, 'range');
  if (tokens.takeOperator(':')) {
    const stepMs = tokens.isOperator(']') ? undefined : takeDuration(tokens, 'subquery step');
    tokens.expectOperator(']', 'subquery');
    return { kind: 'subquery', expr, rangeMs, stepMs, offsetMs: 0, at: expr.at };
  }
  tokens.expectOperator(']', 'range');
  if (expr.kind !== 'vector') throw tokens.fail(offset, 'ranges only allowed for vector selectors');
  if (expr.offsetMs !== 0) throw tokens.fail(offset, 'no offset modifiers allowed before range');
  return { kind: 'matrix', vector: expr, rangeMs, at: expr.at };
}

function parseOffset(tokens: TokenStream, expr: Expr): Expr {
  const { offset } = tokens.take();
  const sign = tokens.takeOperator('-') ? -1 : 1;
  const offsetMs = sign * takeDuration(tokens, 'offset');
  const place = expr.kind === 'matrix' ? expr.vector : expr;
  if (place.kind !== 'vector' && place.kind !== 'subquery') {
    throw tokens.fail(
      offset,
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    );
  }
  if (place.offsetMs !== 0) throw tokens.fail(offset, 'offset may not be set multiple times');
  if (expr.kind === 'matrix') return { ...expr, vector: { ...expr.vector, offsetMs } };
  return { ...place, offsetMs };
}

function takeDuration(tokens: TokenStream, context: string): number {
  const { value, offset } = tokens.expectKind('duration', context);
  if (value <= 0 && context !== 'offset') throw tokens.fail(offset, 'duration must be greater than 0');
  return value;
}
