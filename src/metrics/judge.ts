/** Judges one measurement against its bounds. Pure: fetching lives in the providers, deciding about the rollout elsewhere. */

import { explainValue } from './explain-check.ts';
import type { Bounds, Sample, Verdict } from './verdict.ts';

/**
 * Bounds are inclusive; what is not known (no data, an unreachable server, not a number) is inconclusive, never a
 * failure.
 *
 * @param metric its name, which decides about the unit in the reason
 */
export function judge(sample: Sample, bounds: Bounds, metric: string): Verdict {
  switch (sample.kind) {
    case 'noData':
    case 'unreachable':
      return { kind: 'inconclusive', cause: sample.kind, reason: sample.reason };
    case 'value':
      return judgeValue(sample.value, bounds, metric);
    default:
      return sample satisfies never;
  }
}

function judgeValue(value: number, bounds: Bounds, metric: string): Verdict {
  const { min = -Infinity, max = Infinity } = bounds;
  if (Number.isNaN(value)) return { kind: 'inconclusive', cause: 'noData', reason: 'The query returned NaN' };
  if (!Number.isFinite(value)) {
    return {
      kind: 'inconclusive',
      cause: 'unreachable',
      reason: `The query returned ${value}, which is no measurement`,
    };
  }
  const kind = value < min || max < value ? 'fail' : 'pass';
  return { kind, value, reason: explainValue(metric, value, bounds) };
}
