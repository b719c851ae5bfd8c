/** Functions from the samples of one series within a window to one number; `undefined` leaves the series out of the answer. */

import type { OVER_RANGE } from './functions.ts';
import { kahanSum, maximum, minimum, variance } from './statistics.ts';
import type { RangeSeries } from './value.ts';

/** The functions that need the samples only; rate, increase and delta need the window too. */
export type SeriesFunction = Exclude<(typeof OVER_RANGE)[number], 'rate' | 'increase' | 'delta'>;

export const SERIES_FUNCTIONS: Record<SeriesFunction, (series: RangeSeries) => number | undefined> = {
  irate: ({ times, values }) =>
    lastChange(times, values, (before, last) => (last < before ? last : last - before), true),
  idelta: ({ times, values }) => lastChange(times, values, (before, last) => last - before, false),
  deriv: ({ times, values }) => (times.length < 2 ? undefined : slopePerSecond(times, values)),
  changes: ({ values }) => countPairs(values, (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b))),
  resets: ({ values }) => countPairs(values, (a, b) => b < a),
  avg_over_time: ({ values }) => kahanSum(values) / values.length,
  min_over_time: ({ values }) => minimum(values),
  max_over_time: ({ values }) => maximum(values),
  sum_over_time: ({ values }) => kahanSum(values),
  count_over_time: ({ values }) => values.length,
  last_over_time: ({ values }) => values.at(-1),
  present_over_time: () => 1,
  stddev_over_time: ({ values }) => Math.sqrt(variance(values)),
  stdvar_over_time: ({ values }) => variance(values),
};

export function isSeriesFunction(name: string): name is SeriesFunction {
  return Object.hasOwn(SERIES_FUNCTIONS, name);
}

function lastChange(
  times: readonly number[],
  values: readonly number[],
  change: (before: number, last: number) => number,
  perSecond: boolean,
): number | undefined {
  const [beforeMs, lastMs] = times.slice(-2);
  const [before, last] = values.slice(-2);
  if (beforeMs === undefined || lastMs === undefined || before === undefined || last === undefined) return undefined;
  return change(before, last) / (perSecond ? (lastMs - beforeMs) / 1_000 : 1);
}

/** Least squares over seconds since the first sample, so that large instants cost no precision. */
function slopePerSecond(times: readonly number[], values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return 0;
  const seconds = times.map((timeMs) => (timeMs - (times[0] ?? 0)) / 1_000);
  const count = values.length;
  const sumX = kahanSum(seconds);
  const sumY = kahanSum(values);
  const sumXY = kahanSum(seconds.map((x, index) => x * (values[index] ?? 0)));
  const sumX2 = kahanSum(seconds.map((x) => x * x));
  return (sumXY - (sumX * sumY) / count) / (sumX2 - (sumX * sumX) / count);
}

function countPairs(values: readonly number[], counts: (before: number, after: number) => boolean): number {
  return values.slice(1).filter((value, index) => counts(values[index] ?? Number.NaN, value)).length;
}
