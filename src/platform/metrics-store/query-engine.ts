/** Instant and range queries over a source of series. */

import { keyOf, type Labels } from './labels.ts';
import { createContext, DEFAULT_SETTINGS, type EvalSettings, type SeriesSource, spend } from './promql/eval-context.ts';
import { evaluate } from './promql/evaluate.ts';
import { parsePromql } from './promql/parser.ts';
import { PromqlError } from './promql/promql-error.ts';
import type { RangeSeries, Value } from './promql/value.ts';

/** Prometheus refuses more points per series than a screen has. */
const POINTS_MAX = 11_000;

/** @throws PromqlError */
export function instantQuery(
  source: SeriesSource,
  text: string,
  timeMs: number,
  settings: EvalSettings = DEFAULT_SETTINGS,
): Value {
  return evaluate(parsePromql(text), createContext(source, timeMs, settings));
}

export type QueryRange = { startMs: number; endMs: number; stepMs: number };

/** @throws PromqlError */
export function rangeQuery(
  source: SeriesSource,
  text: string,
  { startMs, endMs, stepMs }: QueryRange,
  settings: EvalSettings = DEFAULT_SETTINGS,
): RangeSeries[] {
  if ((endMs - startMs) / stepMs > POINTS_MAX) {
    throw new PromqlError('badData', `exceeded maximum resolution of ${POINTS_MAX} points per timeseries`);
  }
  const expr = parsePromql(text);
  const context = createContext(source, startMs, settings);
  const byKey = new Map<string, { labels: Labels; times: number[]; values: number[] }>();
  for (let timeMs = startMs; timeMs <= endMs; timeMs += stepMs) {
    spend(context.query, 1, settings.samplesMax);
    for (const { labels, value } of elementsOfStep(evaluate(expr, { ...context, timeMs }))) {
      const key = keyOf(labels);
      const series = byKey.get(key) ?? { labels, times: [], values: [] };
      byKey.set(key, series);
      series.times.push(timeMs);
      series.values.push(value);
    }
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
}

function elementsOfStep(value: Value): readonly { labels: Labels; value: number }[] {
  if (value.kind === 'vector') return value.elements;
  if (value.kind === 'scalar') return [{ labels: new Map(), value: value.value }];
  throw new PromqlError(
    'badData',
    `invalid expression type ${value.kind === 'matrix' ? '"range vector"' : '"string"'} for range query, must be Scalar or instant Vector`,
  );
}
