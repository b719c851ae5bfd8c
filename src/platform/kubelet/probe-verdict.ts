/** When repeated probes become a verdict: thresholds of consecutive results. Pure. */

import type { ProbeSpec } from './pod.ts';

export type ProbeTally = {
  /** Unknown until the first threshold is reached. */
  verdict: 'unknown' | 'success' | 'failure';
  /** Length of the latest run of equal results. */
  run: number;
  last: boolean | undefined;
};

export const NO_PROBES_YET: ProbeTally = { verdict: 'unknown', run: 0, last: undefined };

/** A verdict of an earlier life of the platform stands until probes say otherwise. */
export function tallyOf(succeeded: boolean): ProbeTally {
  return succeeded ? { verdict: 'success', run: 0, last: undefined } : NO_PROBES_YET;
}

/** Counts one result; the verdict changes only when its threshold of consecutive results is reached. */
export function countProbe(
  tally: ProbeTally,
  passed: boolean,
  { successThreshold = 1, failureThreshold = 3 }: ProbeSpec,
): ProbeTally {
  const run = tally.last === passed ? tally.run + 1 : 1;
  const threshold = passed ? successThreshold : failureThreshold;
  const verdict = threshold <= run ? (passed ? 'success' : 'failure') : tally.verdict;
  return { verdict, run, last: passed };
}
