/** A check result as one sentence, for events, conditions, the terminal and the dashboard. */

import { formatMeasurement } from './format-measurement.ts';
import type { CheckResult } from './verdict.ts';

/** Units of the built-in metrics; any other metric is a bare number. */
const UNITS: Record<string, string> = { 'request-success-rate': ' %', 'request-duration': ' ms' };

/** `request-success-rate 85.2 % is below 99 %`, or why nothing can be said. */
export function explainCheck({ metric, bounds, verdict }: CheckResult): string {
  const unit = Object.hasOwn(UNITS, metric) ? UNITS[metric] : '';
  if (verdict.kind === 'inconclusive') return `${metric} is not known: ${verdict.reason}`;
  const { value } = verdict;
  const broken = brokenBound(value, bounds);
  if (broken === undefined) return `${metric} ${formatMeasurement(value)}${unit} is within bounds`;
  return `${metric} ${formatMeasurement(value, broken.bound)}${unit} is ${broken.side} ${broken.bound}${unit}`;
}

function brokenBound(value: number, { min, max }: CheckResult['bounds']) {
  if (min !== undefined && value < min) return { side: 'below', bound: min };
  if (max !== undefined && max < value) return { side: 'above', bound: max };
  return undefined;
}
