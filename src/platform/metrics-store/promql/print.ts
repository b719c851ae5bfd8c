/** An expression back as text, in one normal form: parsing it again gives the same expression. */

import { METRIC_NAME } from '../labels.ts';
import type { Aggregation, Binary, Expr, VectorSelector } from './ast.ts';
import { formatPromDuration } from './prom-duration.ts';
import { quoteString } from './string-literal.ts';

export function printPromql(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr.value);
    case 'string':
      return quoteString(expr.value);
    case 'paren':
      return `(${printPromql(expr.expr)})`;
    case 'unary':
      return `${expr.operator}${printPromql(expr.expr)}`;
    case 'vector':
      return printSelector(expr) + printOffset(expr.offsetMs);
    case 'matrix':
      return `${printSelector(expr.vector)}[${formatPromDuration(expr.rangeMs)}]${printOffset(expr.vector.offsetMs)}`;
    case 'subquery': {
      const step = expr.stepMs === undefined ? '' : formatPromDuration(expr.stepMs);
      return `${printPromql(expr.expr)}[${formatPromDuration(expr.rangeMs)}:${step}]${printOffset(expr.offsetMs)}`;
    }
    case 'call':
      return `${expr.name}(${expr.args.map(printPromql).join(', ')})`;
    case 'aggregation':
      return printAggregation(expr);
    case 'binary':
      return printBinary(expr);
    default:
      return expr satisfies never;
  }
}

function printNumber(value: number): string {
  return value === Infinity ? 'Inf' : String(value);
}

function printSelector({ name, matchers }: VectorSelector): string {
  const inBraces = matchers
    .filter((matcher) => !(name !== '' && matcher.name === METRIC_NAME))
    .map(({ name: label, operator, value }) => `${label}${operator}${quoteString(value)}`);
  return inBraces.length === 0 ? name : `${name}{${inBraces.join(',')}}`;
}

function printOffset(offsetMs: number): string {
  if (offsetMs === 0) return '';
  return ` offset ${offsetMs < 0 ? '-' : ''}${formatPromDuration(Math.abs(offsetMs))}`;
}

function printAggregation({ operator, param, expr, grouping, without }: Aggregation): string {
  const args = param === undefined ? [expr] : [param, expr];
  const clause = without
    ? ` without (${grouping.join(', ')})`
    : grouping.length > 0
      ? ` by (${grouping.join(', ')})`
      : '';
  return `${operator}${clause}${clause === '' ? '' : ' '}(${args.map(printPromql).join(', ')})`;
}

function printBinary({ operator, left, right, bool, matching }: Binary): string {
  const parts = [printPromql(left), operator];
  if (bool) parts.push('bool');
  if (matching !== undefined) {
    parts.push(`${matching.on ? 'on' : 'ignoring'} (${matching.labels.join(', ')})`);
    if (matching.group !== undefined) parts.push(`group_${matching.group} (${matching.include.join(', ')})`);
  }
  parts.push(printPromql(right));
  return parts.join(' ');
}
