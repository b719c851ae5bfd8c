/** From a measurement to a verdict. Unknown is a value of its own: no data and an unreachable server are never failures. */

/** What a provider found. */
export type Sample =
  | { kind: 'value'; value: number }
  | { kind: 'noData'; reason: string }
  | { kind: 'unreachable'; reason: string };

/** Inclusive at both ends; an absent bound does not bind. */
export type Bounds = { min?: number; max?: number };

export type Verdict =
  | { kind: 'pass'; value: number; reason: string }
  | { kind: 'fail'; value: number; reason: string }
  | { kind: 'inconclusive'; cause: 'noData' | 'unreachable'; reason: string };

/** One check of one round, as it is recorded in status, events and views. */
export type CheckResult = {
  /** The metric's name in the Canary: `request-success-rate`. */
  metric: string;
  bounds: Bounds;
  verdict: Verdict;
};
