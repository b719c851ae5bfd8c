/**
 * rate, increase and delta. Samples never cover a window exactly, so the change between first and last is extrapolated to its
 * ends, but no further than half a sample distance where the series evidently began or ended inside, and for counters never
 * below zero (Prometheus documentation, "rate()").
 */

import type { EvalSettings } from './eval-context.ts';
import type { Matrix, RangeSeries } from './value.ts';

export type RateKind = 'rate' | 'increase' | 'delta';

/** @returns `undefined` when fewer than two samples lie in the window */
export function extrapolatedRate(
  kind: RateKind,
  { times, values }: RangeSeries,
  { startMs, endMs }: Pick<Matrix, 'startMs' | 'endMs'>,
  windows: EvalSettings['windows'],
): number | undefined {
  const [firstMs, lastMs] = [times[0], times.at(-1)];
  const [first, last] = [values[0], values.at(-1)];
  if (times.length < 2 || firstMs === undefined || lastMs === undefined || first === undefined || last === undefined) {
    return undefined;
  }
  const isCounter = kind !== 'delta';
  const change = last - first + (isCounter ? lostInResets(values) : 0);
  const sampledMs = lastMs - firstMs;
  const distanceMs = sampledMs / (times.length - 1);
  const reach = (gapMs: number) => (gapMs < distanceMs * 1.1 ? gapMs : distanceMs / 2);
  // Back to where the counter would have been zero.
  const toZeroMs = isCounter && change > 0 && first >= 0 ? sampledMs * (first / change) : Number.POSITIVE_INFINITY;
  const beforeMs =
    windows === 'leftOpen'
      ? Math.min(reach(firstMs - startMs), toZeroMs)
      : reach(Math.min(firstMs - startMs, toZeroMs));
  const factor = (sampledMs + beforeMs + reach(endMs - lastMs)) / sampledMs;
  return change * (kind === 'rate' ? factor / ((endMs - startMs) / 1_000) : factor);
}

/** A counter that falls has restarted from zero; what it had counted before is added back. */
function lostInResets(values: readonly number[]): number {
  let lost = 0;
  for (let index = 1; index < values.length; index++) {
    const before = values[index - 1] ?? 0;
    if ((values[index] ?? 0) < before) lost += before;
  }
  return lost;
}
