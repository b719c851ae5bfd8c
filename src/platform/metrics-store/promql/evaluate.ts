/** Evaluates a checked expression at one instant. Pure: series in, value out. */

import { dropName } from '../labels.ts';
import type { Expr } from './ast.ts';
import { evalAggregation } from './eval-aggregation.ts';
import { evalBinary } from './eval-binary.ts';
import { evalCall } from './eval-call.ts';
import type { EvalContext } from './eval-context.ts';
import { evalMatrix, evalSubquery, evalVector } from './eval-selector.ts';
import { executionError } from './promql-error.ts';
import { type Element, type Matrix, scalarOf, type Value, vectorOf } from './value.ts';

/** @throws PromqlError of kind `execution`, and nothing else */
export function evaluate(expr: Expr, context: EvalContext): Value {
  switch (expr.kind) {
    case 'number':
      return scalarOf(expr.value);
    case 'string':
      return { kind: 'string', value: expr.value };
    case 'paren':
      return evaluate(expr.expr, context);
    case 'unary':
      return expr.operator === '-' ? negate(evaluate(expr.expr, context)) : evaluate(expr.expr, context);
    case 'vector':
      return vectorOf(evalVector(expr, context));
    case 'matrix':
      return { kind: 'matrix', matrix: evalMatrix(expr, context) };
    case 'subquery':
      return { kind: 'matrix', matrix: evalSubquery(expr, context) };
    case 'call':
      return evalCall(expr, context);
    case 'aggregation':
      return evalAggregation(expr, context);
    case 'binary':
      return evalBinary(expr, context);
    default:
      return expr satisfies never;
  }
}

function negate(value: Value): Value {
  if (value.kind === 'scalar') return scalarOf(-value.value);
  return vectorOf(elementsOf(value).map((element) => ({ labels: dropName(element.labels), value: -element.value })));
}

/** Types were checked when the query was parsed, so that a mismatch here is a defect and not a user's mistake. */
export function elementsOf(value: Value): readonly Element[] {
  if (value.kind !== 'vector') throw executionError(`expected an instant vector, got a ${value.kind}`);
  return value.elements;
}

export function numberOf(value: Value): number {
  if (value.kind !== 'scalar') throw executionError(`expected a scalar, got a ${value.kind}`);
  return value.value;
}

export function stringOf(value: Value): string {
  if (value.kind !== 'string') throw executionError(`expected a string, got a ${value.kind}`);
  return value.value;
}

export function matrixOf(value: Value): Matrix {
  if (value.kind !== 'matrix') throw executionError(`expected a range vector, got a ${value.kind}`);
  return value.matrix;
}
