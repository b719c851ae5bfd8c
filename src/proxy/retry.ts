/** Which losses and answers are tried again (istio.md 3.5, envoy-facts: Retries). Without a policy: failed connects, twice. */

import type { RetryPolicy } from '../mesh/table/route-table.ts';

const DEFAULT_ATTEMPTS = 2;
const BACKOFF_MS = 25;
/** Conditions that cover an answer which never came. */
const COVERING_RESET = ['5xx', 'gateway-error', 'reset'];

/** How often a request is tried again when the connection failed, or was lost before an answer began. */
export function retriesOf(policy: RetryPolicy | undefined, loss: 'connect-failure' | 'reset'): number {
  if (policy === undefined) return loss === 'connect-failure' ? DEFAULT_ATTEMPTS : 0;
  const covering = loss === 'reset' ? COVERING_RESET : [...COVERING_RESET, 'connect-failure', 'reset-before-request'];
  return policy.on.some((condition) => covering.includes(condition)) ? policy.attempts : 0;
}

/** The head of an answer, as far as it decides about another try. */
export type RetriedAnswer = { status: number; fields: { first(name: string): string | undefined } };

/** Numbers of the gRPC statuses that are conditions (gRPC status codes); they count only in the head of an answer. */
const GRPC_STATUSES: Readonly<Record<string, string>> = {
  cancelled: '1',
  'deadline-exceeded': '4',
  'resource-exhausted': '8',
  internal: '13',
  unavailable: '14',
};

/** Whether the route asks to try again on such an answer (observed with Envoy 1.40). */
export function mayRetryAnswer({ attempts, on }: RetryPolicy, { status, fields }: RetriedAnswer): boolean {
  if (attempts === 0) return false;
  const grpcStatus = fields.first('grpc-status');
  const isCovered = on.some((condition) => covers(condition, status, grpcStatus));
  if (!isCovered && !on.includes('envoy-ratelimited')) return false;
  // Who limits the rate asks to be left alone, unless the route says otherwise.
  return fields.first('x-envoy-ratelimited') === undefined ? isCovered : on.includes('envoy-ratelimited');
}

function covers(condition: string, status: number, grpcStatus: string | undefined): boolean {
  if (condition === '5xx') return status >= 500;
  if (condition === 'gateway-error') return status >= 502 && status <= 504;
  if (condition === 'retriable-4xx') return status === 409;
  return (grpcStatus !== undefined && GRPC_STATUSES[condition] === grpcStatus) || condition === String(status);
}

/** Whether the route asks for another try when the time for one is over. */
export function coversTimeout({ on }: RetryPolicy): boolean {
  return COVERING_RESET.some((condition) => on.includes(condition));
}

/** Milliseconds before a retry, the first of which is number 1: random, so that those who failed together do not come together. */
export function pauseMs(
  { backoffMs = BACKOFF_MS }: Partial<RetryPolicy> = {},
  { retry, random }: { retry: number; random: () => number },
): number {
  return Math.min(random() * backoffMs * (2 ** retry - 1), backoffMs * 10);
}

/** Whether the route may ask for another try of a request that an endpoint has seen. */
export function retriesAfterSending(policy: RetryPolicy | undefined): boolean {
  if (policy === undefined || policy.attempts === 0) return false;
  return policy.on.some((condition) => AFTER_SENDING.includes(condition) || /^\d+$/.test(condition));
}

const AFTER_SENDING = [...COVERING_RESET, 'retriable-4xx', 'envoy-ratelimited'];
