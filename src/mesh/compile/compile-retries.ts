/** What is tried again, how often and where (envoy-facts: Retries). */

import { durationMsOf } from '../schema/duration.ts';
import type { RetriesSpec } from '../schema/http-route.ts';
import type { RetryPolicy } from '../table/route-table.ts';

/** Istio's conditions when none are written; `retriable-status-codes` without a code retries none. */
const DEFAULT_RETRY_ON = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'retriable-status-codes'];

/** Two retries when nobody says anything, as in Istio. */
const DEFAULT_RETRY: RetryPolicy = { attempts: 2, on: DEFAULT_RETRY_ON };

export function compileRetries(retries: RetriesSpec | undefined): RetryPolicy {
  if (retries === undefined) return DEFAULT_RETRY;
  const { attempts = 0, perTryTimeout, retryOn = '', backoff, retryIgnorePreviousHosts } = retries;
  if (attempts === 0) return { attempts: 0, on: [] };
  const on = retryOn.split(',').filter((condition) => condition !== '');
  return {
    attempts,
    ...(perTryTimeout !== undefined && { perTryTimeoutMs: durationMsOf(perTryTimeout) }),
    on: on.length === 0 ? DEFAULT_RETRY_ON : on,
    ...(backoff !== undefined && { backoffMs: durationMsOf(backoff) }),
    ...(retryIgnorePreviousHosts === false && { mayRepeatEndpoint: true }),
  };
}
