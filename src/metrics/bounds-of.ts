/** The bounds that a metric of a Canary states: `thresholdRange`, or Flagger's deprecated `threshold`. */

import type { Bounds } from './verdict.ts';

export type ThresholdFields = {
  name: string;
  /** Deprecated by `thresholdRange`; ignored beside it. */
  threshold?: number | undefined;
  thresholdRange?: { min?: number | undefined; max?: number | undefined } | undefined;
};

/**
 * Both ends are inclusive. The deprecated `threshold` is a minimum of the success rate and a maximum of everything else. A metric
 * that states neither has no bounds: it is measured and shown, and always passes.
 */
export function boundsOf({ name, threshold, thresholdRange }: ThresholdFields): Bounds {
  if (thresholdRange !== undefined) return defined(thresholdRange.min, thresholdRange.max);
  if (threshold === undefined) return {};
  return name === 'request-success-rate' ? { min: threshold } : { max: threshold };
}

function defined(min: number | undefined, max: number | undefined): Bounds {
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
