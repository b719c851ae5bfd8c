/** Function calls. Arguments were counted and typed when the query was parsed. */

import { dropName, type Labels, labelsOf, METRIC_NAME } from '../labels.ts';
import type { Call, Expr, Matcher } from './ast.ts';
import type { EvalContext } from './eval-context.ts';
import { evalVector } from './eval-selector.ts';
import { elementsOf, evaluate, matrixOf, numberOf, stringOf } from './evaluate.ts';
import { extrapolatedRate, type RateKind } from './extrapolated-rate.ts';
import type { ELEMENTWISE } from './functions.ts';
import { histogramQuantiles } from './histogram-quantile.ts';
import { joinLabels, replaceLabels } from './label-functions.ts';
import { executionError } from './promql-error.ts';
import { ascendingNanFirst, quantileOf } from './quantile.ts';
import { isSeriesFunction, SERIES_FUNCTIONS } from './range-functions.ts';
import { type Element, type Matrix, type RangeSeries, scalarOf, type Value, vectorOf } from './value.ts';

const NUMBER_FUNCTIONS: Record<(typeof ELEMENTWISE)[number], (value: number) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
};

/** The arguments of one call, evaluated when asked for. */
type Arguments = {
  context: EvalContext;
  count: number;
  expr: (index: number) => Expr;
  vector: (index: number) => readonly Element[];
  number: (index: number) => number;
  text: (index: number) => string;
  matrix: (index: number) => Matrix;
};

const HANDLERS: Readonly<Record<string, (args: Arguments) => Value>> = {
  rate: (args) => extrapolated('rate', args),
  increase: (args) => extrapolated('increase', args),
  delta: (args) => extrapolated('delta', args),
  quantile_over_time: ({ number, matrix }) => overSeries(matrix(1), ({ values }) => quantileOf(number(0), values)),
  histogram_quantile: ({ number, vector }) => vectorOf(histogramQuantiles(number(0), vector(1))),
  round: ({ number, vector, count }) => roundTo(vector(0), count > 1 ? number(1) : 1),
  clamp: ({ number, vector }) => clamp(vector(0), number(1), number(2)),
  clamp_min: ({ number, vector }) => clamp(vector(0), number(1), Number.POSITIVE_INFINITY),
  clamp_max: ({ number, vector }) => clamp(vector(0), Number.NEGATIVE_INFINITY, number(1)),
  label_replace: ({ vector, text }) =>
    vectorOf(replaceLabels(vector(0), { target: text(1), replacement: text(2), source: text(3), pattern: text(4) })),
  label_join: ({ vector, text, count }) => {
    const sources = Array.from({ length: count - 3 }, (_, index) => text(index + 3));
    return vectorOf(joinLabels(vector(0), text(1), text(2), sources));
  },
  sort: ({ vector }) => vectorOf(vector(0).toSorted((a, b) => ascendingNanLast(a.value, b.value))),
  sort_desc: ({ vector }) => vectorOf(vector(0).toSorted((a, b) => ascendingNanLast(-a.value, -b.value))),
  absent: ({ expr, vector }) => absent(expr(0), vector(0).length),
  absent_over_time: ({ expr, matrix }) => absent(expr(0), matrix(0).series.length),
  timestamp: ({ expr, context }) => timestamps(expr(0), context),
  vector: ({ number }) => vectorOf([{ labels: new Map(), value: number(0) }]),
  scalar: ({ vector }) => scalarOf(onlyValue(vector(0))),
  time: ({ context }) => scalarOf(context.timeMs / 1_000),
  pi: () => scalarOf(Math.PI),
};

export function evalCall(call: Call, context: EvalContext): Value {
  const { name } = call;
  const args = argumentsOf(call, context);
  if (isSeriesFunction(name)) {
    // The last sample is still a sample of that metric; everything else is computed.
    const relabel = name === 'last_over_time' ? (labels: Labels) => labels : dropName;
    return overSeries(args.matrix(0), SERIES_FUNCTIONS[name], relabel);
  }
  if (isNumberFunction(name)) return mapValues(args.vector(0), NUMBER_FUNCTIONS[name]);
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (handler === undefined) throw executionError(`function ${name} is not supported by the embedded metrics store`);
  return handler(args);
}

function argumentsOf({ name, args }: Call, context: EvalContext): Arguments {
  const expr = (index: number): Expr => {
    const found = args[index];
    if (found === undefined) throw executionError(`argument ${index + 1} of ${name} is missing`);
    return found;
  };
  return {
    context,
    count: args.length,
    expr,
    vector: (index) => elementsOf(evaluate(expr(index), context)),
    number: (index) => numberOf(evaluate(expr(index), context)),
    text: (index) => stringOf(evaluate(expr(index), context)),
    matrix: (index) => matrixOf(evaluate(expr(index), context)),
  };
}

function extrapolated(kind: RateKind, { matrix, context }: Arguments): Value {
  const range = matrix(0);
  return overSeries(range, (series) => extrapolatedRate(kind, series, range, context.settings.windows));
}

function roundTo(elements: readonly Element[], nearest: number): Value {
  // Multiplying by the inverse keeps decimal steps such as 0.1 exact where dividing would not.
  const inverse = 1 / nearest;
  return mapValues(elements, (value) => Math.floor(value * inverse + 0.5) / inverse);
}

function absent(expr: Expr, found: number): Value {
  return vectorOf(found > 0 ? [] : [{ labels: labelsOfAbsent(expr), value: 1 }]);
}

function onlyValue(elements: readonly Element[]): number {
  return elements.length === 1 ? (elements[0]?.value ?? Number.NaN) : Number.NaN;
}

function isNumberFunction(name: string): name is (typeof ELEMENTWISE)[number] {
  return Object.hasOwn(NUMBER_FUNCTIONS, name);
}

function overSeries(
  { series }: Matrix,
  compute: (series: RangeSeries) => number | undefined,
  relabel: (labels: Labels) => Labels = dropName,
): Value {
  const elements = series.flatMap((one) => {
    const value = compute(one);
    return value === undefined ? [] : [{ labels: relabel(one.labels), value }];
  });
  return vectorOf(elements);
}

function mapValues(elements: readonly Element[], compute: (value: number) => number): Value {
  return vectorOf(elements.map(({ labels, value }) => ({ labels: dropName(labels), value: compute(value) })));
}

function clamp(elements: readonly Element[], min: number, max: number): Value {
  if (max < min) return vectorOf([]);
  return mapValues(elements, (value) => Math.max(min, Math.min(max, value)));
}

function ascendingNanLast(a: number, b: number): number {
  return Number.isNaN(a) || Number.isNaN(b) ? -ascendingNanFirst(a, b) : ascendingNanFirst(a, b);
}

/** The instants of the samples themselves where the argument is a selector, else the instant of evaluation. */
function timestamps(expr: Expr, context: EvalContext): Value {
  const inner = expr.kind === 'paren' ? expr.expr : expr;
  if (inner.kind === 'vector') {
    return vectorOf(
      evalVector(inner, context).map(({ labels, timeMs }) => ({ labels: dropName(labels), value: timeMs / 1_000 })),
    );
  }
  return mapValues(elementsOf(evaluate(expr, context)), () => context.timeMs / 1_000);
}

/** What is known about something that is not there: the labels that its selector pins down. */
function labelsOfAbsent(expr: Expr): Labels {
  const selector = expr.kind === 'matrix' ? expr.vector : expr;
  if (selector.kind !== 'vector') return new Map();
  const byName = Map.groupBy(
    selector.matchers.filter(({ name }) => name !== METRIC_NAME),
    ({ name }) => name,
  );
  const pinned = [...byName].flatMap(([name, matchers]): [string, string][] => {
    const [only]: readonly Matcher[] = matchers;
    return matchers.length === 1 && only?.operator === '=' ? [[name, only.value]] : [];
  });
  return labelsOf(pinned);
}
