/** Judges one measurement against its bounds. Pure: fetching lives in the providers, deciding about the rollout elsewhere. */

import { formatMeasurement } from './format-measurement.ts';
import type { Bounds, Sample, Verdict } from './verdict.ts';

/** Bounds are inclusive; what is not known (no data, an unreachable server, not a number) is inconclusive, never a failure. */
export function judge(sample: Sample, bounds: Bounds): Verdict {
  switch (sample.kind) {
    case 'noData':
    case 'unreachable':
      return { kind: 'inconclusive', cause: sample.kind, reason: sample.reason };
    case 'value':
      return judgeValue(sample.value, bounds);
    default:
      return sample satisfies never;
  }
}

function judgeValue(value: number, { min = -Infinity, max = Infinity }: Bounds): Verdict {
  if (Number.isNaN(value)) return { kind: 'inconclusive', cause: 'noData', reason: 'The query returned NaN' };
  if (!Number.isFinite(value)) {
    return {
      kind: 'inconclusive',
      cause: 'unreachable',
      reason: `The query returned ${value}, which is no measurement`,
    };
  }
  if (value < min) return { kind: 'fail', value, reason: `${formatMeasurement(value, min)} is below ${min}` };
  if (max < value) return { kind: 'fail', value, reason: `${formatMeasurement(value, max)} is above ${max}` };
  return { kind: 'pass', value, reason: `${formatMeasurement(value)} is within bounds` };
}
