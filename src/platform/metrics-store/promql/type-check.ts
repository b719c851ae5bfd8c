/** Types of expressions, checked before anything is evaluated: a range where an instant vector belongs is an error with a place. */

import { type Binary, COMPARISONS, type Expr, SET_OPERATORS } from './ast.ts';
import { FUNCTIONS, type ValueType } from './functions.ts';

type Fail = (at: number, message: string) => Error;

const NAMES: Record<ValueType, string> = {
  scalar: 'scalar',
  vector: 'instant vector',
  matrix: 'range vector',
  string: 'string',
};

export function checkTypes(expr: Expr, fail: Fail): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector':
      return 'vector';
    case 'matrix':
      return 'matrix';
    case 'paren':
      return checkTypes(expr.expr, fail);
    case 'unary': {
      const type = checkTypes(expr.expr, fail);
      if (type === 'scalar' || type === 'vector') return type;
      throw fail(
        expr.at,
        `unary expression only allowed on expressions of type scalar or instant vector, got ${NAMES[type]}`,
      );
    }
    case 'subquery':
      expectType(expr.expr, 'vector', 'subquery', fail);
      return 'matrix';
    case 'call':
      return checkCall(expr, fail);
    case 'aggregation':
      expectType(expr.expr, 'vector', 'aggregation expression', fail);
      if (expr.param !== undefined) {
        expectType(expr.param, expr.operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter', fail);
      }
      return 'vector';
    case 'binary':
      return checkBinary(expr, fail);
    default:
      return expr satisfies never;
  }
}

function checkCall({ name, args }: Extract<Expr, { kind: 'call' }>, fail: Fail): ValueType {
  const signature = FUNCTIONS.get(name);
  args.forEach((arg, index) => {
    const expected = signature?.args[index] ?? signature?.args.at(-1);
    if (expected !== undefined) expectType(arg, expected, `call to function ${JSON.stringify(name)}`, fail);
  });
  return signature?.returns ?? 'vector';
}

function checkBinary({ operator, left, right, bool, matching, at }: Binary, fail: Fail): ValueType {
  const types = [checkTypes(left, fail), checkTypes(right, fail)];
  if (types.some((type) => type !== 'scalar' && type !== 'vector')) {
    throw fail(at, 'binary expression must contain only scalar and instant vector types');
  }
  const scalars = types.filter((type) => type === 'scalar').length;
  if (scalars === 2 && COMPARISONS.has(operator) && !bool) {
    throw fail(at, 'comparisons between scalars must use BOOL modifier');
  }
  if (scalars > 0 && SET_OPERATORS.has(operator)) {
    throw fail(at, `set operator ${JSON.stringify(operator)} not allowed in binary scalar expression`);
  }
  if (scalars > 0 && matching !== undefined) throw fail(at, 'vector matching only allowed between instant vectors');
  return scalars === 2 ? 'scalar' : 'vector';
}

function expectType(expr: Expr, expected: ValueType, context: string, fail: Fail): void {
  const found = checkTypes(expr, fail);
  if (found !== expected) {
    throw fail(expr.at, `expected type ${NAMES[expected]} in ${context}, got ${NAMES[found]}`);
  }
}
