/** Which losses and answers are tried again (istio.md 3.5, envoy-facts: Retries). Without a policy: failed connects, twice. */

import type { RetryPolicy } from '../mesh/table/route-table.ts';

const DEFAULT_ATTEMPTS = 2;
/** Conditions that cover an answer which never came. */
const COVERING_RESET = ['5xx', 'gateway-error', 'reset'];

/** How often a request is tried again when the connection failed, or was lost before an answer began. */
export function retriesOf(policy: RetryPolicy | undefined, loss: 'connect-failure' | 'reset'): number {
  if (policy === undefined) return loss === 'connect-failure' ? DEFAULT_ATTEMPTS : 0;
  const covering = loss === 'reset' ? COVERING_RESET : [...COVERING_RESET, 'connect-failure', 'reset-before-request'];
  return policy.on.some((condition) => covering.includes(condition)) ? policy.attempts : 0;
}

/** Whether the route asks to try again on an answer with this status. */
export function mayRetryStatus(policy: RetryPolicy | undefined, status: number): boolean {
  if (policy === undefined || policy.attempts === 0 || status < 400) return false;
  return policy.on.some((condition) => {
    if (condition === '5xx') return status >= 500;
    if (condition === 'gateway-error') return status >= 502 && status <= 504;
    if (condition === 'retriable-4xx') return status === 409;
    return condition === String(status);
  });
}

/** Whether the route asks for another try when the time for one is over. */
export function coversTimeout({ on }: RetryPolicy): boolean {
  return on.includes('5xx') || on.includes('gateway-error');
}

/** Whether the route may ask for another try of a request that an endpoint has seen. */
export function retriesAfterSending(policy: RetryPolicy | undefined): boolean {
  if (policy === undefined || policy.attempts === 0) return false;
  return policy.on.some((condition) => AFTER_SENDING.includes(condition) || /^\d+$/.test(condition));
}

const AFTER_SENDING = [...COVERING_RESET, 'retriable-4xx'];
