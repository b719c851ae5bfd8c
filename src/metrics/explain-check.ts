/** A measurement and a check in words: the one wording for status, events, conditions, the terminal and the dashboard. Pure. */

import { formatMeasurement } from './format-measurement.ts';
import type { Bounds, CheckResult } from './verdict.ts';

/** Units of the built-in metrics; any other metric is a bare number. */
const UNITS: Record<string, string> = { 'request-success-rate': ' %', 'request-duration': ' ms' };

/** `request-success-rate 85.2 % is below 99 %`: metric, value and bound in one clause, or why nothing can be said. */
export function explainCheck({ metric, bounds, verdict }: CheckResult): string {
  if (verdict.kind === 'inconclusive') return `${metric} is not known: ${verdict.reason}`;
  const isMeasured = bounds.min !== undefined || bounds.max !== undefined || verdict.kind === 'pass';
  return isMeasured
    ? `${metric} ${explainValue(metric, verdict.value, bounds)}`
    : `${metric} failed: ${verdict.reason}`;
}

/** `85.2 % is below 99 %`, or `100 %, within bounds`: what stands behind the name of a metric. */
export function explainValue(metric: string, value: number, bounds: Bounds): string {
  const unit = (Object.hasOwn(UNITS, metric) ? UNITS[metric] : undefined) ?? '';
  const broken = brokenBound(value, bounds);
  if (broken === undefined) return `${formatMeasurement(value)}${unit}, within bounds`;
  return `${formatMeasurement(value, broken.bound)}${unit} is ${broken.side} ${broken.bound}${unit}`;
}

function brokenBound(value: number, { min, max }: Bounds) {
  if (min !== undefined && value < min) return { side: 'below', bound: min };
  if (max !== undefined && max < value) return { side: 'above', bound: max };
  return undefined;
}
