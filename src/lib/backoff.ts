/** How long to wait before try number `attempt`. Pure; the random number is an argument. */

export type BackoffPolicy = {
  /** Wait before the first retry, in milliseconds. */
  baseMs: number;
  /** No wait is longer than this, in milliseconds. */
  maxMs: number;
  /** Share of the wait that is random, 0 to 1. */
  jitter: number;
};

/**
 * Exponential back-off: `baseMs * 2^attempt`, capped at `maxMs`, of which the last `jitter` share is random.
 *
 * @param attempt number of failures so far, 0 before the first retry
 * @param random a number in [0, 1)
 */
export function backoffMs({ baseMs, maxMs, jitter }: BackoffPolicy, attempt: number, random: number): number {
  const fullMs = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return fullMs * (1 - jitter) + fullMs * jitter * random;
}
