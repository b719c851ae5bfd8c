/** Function calls. Arguments were counted and typed when the query was parsed. */

import { dropName, type Labels, labelsOf, METRIC_NAME } from '../labels.ts';
import type { Call, Expr, Matcher } from './ast.ts';
import type { EvalContext } from './eval-context.ts';
import { evalVector } from './eval-selector.ts';
import { elementsOf, evaluate, matrixOf, numberOf, stringOf } from './evaluate.ts';
import { extrapolatedRate } from './extrapolated-rate.ts';
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

export function evalCall({ name, args }: Call, context: EvalContext): Value {
  const arg = (index: number): Expr => {
    const expr = args[index];
    if (expr === undefined) throw executionError(`argument ${index + 1} of ${name} is missing`);
    return expr;
  };
  const vector = (index: number) => elementsOf(evaluate(arg(index), context));
  const number = (index: number) => numberOf(evaluate(arg(index), context));
  const text = (index: number) => stringOf(evaluate(arg(index), context));
  const matrix = (index: number) => matrixOf(evaluate(arg(index), context));

  if (isSeriesFunction(name)) {
    const keepsName = name === 'last_over_time';
    return overSeries(matrix(0), SERIES_FUNCTIONS[name], keepsName ? (labels) => labels : dropName);
  }
  if (isNumberFunction(name)) return mapValues(vector(0), NUMBER_FUNCTIONS[name]);

  switch (name) {
    case 'rate':
    case 'increase':
    case 'delta': {
      const range = matrix(0);
      return overSeries(range, (series) => extrapolatedRate(name, series, range, context.settings.windows));
    }
    case 'quantile_over_time': {
      const q = number(0);
      return overSeries(matrix(1), ({ values }) => quantileOf(q, values));
    }
    case 'histogram_quantile':
      return vectorOf(histogramQuantiles(number(0), vector(1)));
    case 'round': {
      const inverse = 1 / (args.length > 1 ? number(1) : 1);
      return mapValues(vector(0), (value) => Math.floor(value * inverse + 0.5) / inverse);
    }
    case 'clamp':
      return clamp(vector(0), number(1), number(2));
    case 'clamp_min':
      return clamp(vector(0), number(1), Number.POSITIVE_INFINITY);
    case 'clamp_max':
      return clamp(vector(0), Number.NEGATIVE_INFINITY, number(1));
    case 'label_replace':
      return vectorOf(
        replaceLabels(vector(0), { target: text(1), replacement: text(2), source: text(3), pattern: text(4) }),
      );
    case 'label_join':
      return vectorOf(
        joinLabels(
          vector(0),
          text(1),
          text(2),
          args.slice(3).map((_, index) => text(index + 3)),
        ),
      );
    case 'sort':
      return vectorOf(vector(0).toSorted((a, b) => ascendingNanLast(a.value, b.value)));
    case 'sort_desc':
      return vectorOf(vector(0).toSorted((a, b) => ascendingNanLast(-a.value, -b.value)));
    case 'absent':
      return vector(0).length > 0 ? vectorOf([]) : vectorOf([{ labels: labelsOfAbsent(arg(0)), value: 1 }]);
    case 'absent_over_time':
      return matrix(0).series.length > 0 ? vectorOf([]) : vectorOf([{ labels: labelsOfAbsent(arg(0)), value: 1 }]);
    case 'timestamp':
      return timestamps(arg(0), context);
    case 'vector':
      return vectorOf([{ labels: new Map(), value: number(0) }]);
    case 'scalar': {
      const elements = vector(0);
      return scalarOf(elements.length === 1 ? (elements[0]?.value ?? Number.NaN) : Number.NaN);
    }
    case 'time':
      return scalarOf(context.timeMs / 1_000);
    case 'pi':
      return scalarOf(Math.PI);
    default:
      throw executionError(`function ${name} is not supported by the embedded metrics store`);
  }
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
