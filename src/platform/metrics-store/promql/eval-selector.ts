/** Selectors: which samples of which series lie in view at an instant. */

import { keyOf } from '../labels.ts';
import type { SampleRing } from '../sample-ring.ts';
import type { MatrixSelector, Subquery, VectorSelector } from './ast.ts';
import { type EvalContext, seriesOf, spend } from './eval-context.ts';
import { evaluate } from './evaluate.ts';
import type { Element, Matrix, RangeSeries } from './value.ts';

export type TimedElement = Element & { timeMs: number };

/** The newest sample of each series that is neither stale nor too old. */
export function evalVector(selector: VectorSelector, context: EvalContext): TimedElement[] {
  const { settings, query, timeMs } = context;
  const atMs = timeMs - selector.offsetMs;
  const series = seriesOf(context, selector);
  spend(query, series.length, settings.samplesMax);
  return series.flatMap(({ labels, samples }) => {
    const index = samples.firstAfter(atMs) - 1;
    if (index < 0 || samples.isStale(index)) return [];
    const sampleMs = samples.timeAt(index);
    if (!isInside(sampleMs, atMs - settings.lookbackMs, settings)) return [];
    return [{ labels, value: samples.valueAt(index), timeMs: sampleMs }];
  });
}

export function evalMatrix(selector: MatrixSelector, context: EvalContext): Matrix {
  const endMs = context.timeMs - selector.vector.offsetMs;
  const startMs = endMs - selector.rangeMs;
  const series = seriesOf(context, selector.vector)
    .map(({ labels, samples }) => ({ labels, ...samplesWithin(samples, { startMs, endMs }, context) }))
    .filter(({ times }) => times.length > 0);
  return { series, startMs, endMs };
}

function samplesWithin(
  samples: SampleRing,
  { startMs, endMs }: { startMs: number; endMs: number },
  context: EvalContext,
) {
  const times: number[] = [];
  const values: number[] = [];
  const first = samples.firstAfter(context.settings.windows === 'leftOpen' ? startMs : startMs - 1);
  const end = samples.firstAfter(endMs);
  spend(context.query, end - first, context.settings.samplesMax);
  for (let index = first; index < end; index++) {
    if (samples.isStale(index)) continue;
    times.push(samples.timeAt(index));
    values.push(samples.valueAt(index));
  }
  return { times, values };
}

/** Evaluates the inner expression at multiples of the step, whatever the instant of the query (as Prometheus does). */
export function evalSubquery(subquery: Subquery, context: EvalContext): Matrix {
  const stepMs = subquery.stepMs ?? context.settings.defaultStepMs;
  const endMs = context.timeMs - subquery.offsetMs;
  const startMs = endMs - subquery.rangeMs;
  let atMs = Math.ceil(startMs / stepMs) * stepMs;
  if (atMs === startMs && context.settings.windows === 'leftOpen') atMs += stepMs;
  const byKey = new Map<string, { labels: RangeSeries['labels']; times: number[]; values: number[] }>();
  for (; atMs <= endMs; atMs += stepMs) {
    spend(context.query, 1, context.settings.samplesMax);
    const value = evaluate(subquery.expr, { ...context, timeMs: atMs });
    if (value.kind !== 'vector') continue;
    for (const element of value.elements) {
      const key = keyOf(element.labels);
      const series = byKey.get(key) ?? { labels: element.labels, times: [], values: [] };
      byKey.set(key, series);
      series.times.push(atMs);
      series.values.push(element.value);
    }
  }
  return { series: [...byKey.values()], startMs, endMs };
}

function isInside(timeMs: number, startMs: number, { windows }: EvalContext['settings']): boolean {
  return windows === 'leftOpen' ? startMs < timeMs : startMs <= timeMs;
}
