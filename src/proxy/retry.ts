/** Which losses and answers are tried again (istio.md 3.5, envoy-facts: Retries). Without a policy: failed connects, twice. */

import { perObject } from '../lib/per-object.ts';
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

/** Which answers a policy tries again, made ready to be asked for every answer. */
export type RetriedAnswers = {
  /** 1 at the statuses that are conditions. */
  readonly statuses: Uint8Array;
  readonly grpcStatuses: ReadonlySet<string>;
  readonly rateLimited: boolean;
};

const STATUSES = 600;

/** @returns `undefined` when no answer is tried again; routes that share their policy share this, too */
export function buildRetriedAnswers(policy: RetryPolicy | undefined): RetriedAnswers | undefined {
  return policy === undefined || policy.attempts === 0 ? undefined : answersOf(policy);
}

const answersOf = perObject(
  ({ on }: RetryPolicy): RetriedAnswers => ({
    statuses: Uint8Array.from({ length: STATUSES }, (_, status) => (on.some((each) => covers(each, status)) ? 1 : 0)),
    grpcStatuses: new Set(on.flatMap((condition) => GRPC_STATUSES[condition] ?? [])),
    rateLimited: on.includes('envoy-ratelimited'),
  }),
);

/** Whether the route asks to try again on such an answer (observed with Envoy 1.40). */
export function mayRetryAnswer(answers: RetriedAnswers, { status, fields }: RetriedAnswer): boolean {
  const isCovered = answers.statuses[status] === 1 || coversGrpc(answers, fields);
  if (!isCovered && !answers.rateLimited) return false;
  // Who limits the rate asks to be left alone, unless the route says otherwise.
  return fields.first('x-envoy-ratelimited') === undefined ? isCovered : answers.rateLimited;
}

function coversGrpc({ grpcStatuses }: RetriedAnswers, fields: RetriedAnswer['fields']): boolean {
  if (grpcStatuses.size === 0) return false;
  const grpcStatus = fields.first('grpc-status');
  return grpcStatus !== undefined && grpcStatuses.has(grpcStatus);
}

function covers(condition: string, status: number): boolean {
  if (condition === '5xx') return status >= 500;
  if (condition === 'gateway-error') return status >= 502 && status <= 504;
  if (condition === 'retriable-4xx') return status === 409;
  return condition === String(status);
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
