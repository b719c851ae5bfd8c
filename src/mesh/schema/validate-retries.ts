/** Istio's validation of retries (istio.md 11). */

import { STATUS_CODES } from 'node:http';
import type { Issue } from '../../lib/issue.ts';
import type { HttpRouteSpec } from './http-route.ts';

const CONDITIONS = new Set(
  (
    '5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream retriable-status-codes ' +
    'retriable-headers envoy-ratelimited http3-post-connect-failure cancelled deadline-exceeded internal ' +
    'resource-exhausted unavailable'
  ).split(' '),
);

/** @param path where the rule stands: `spec.http[0]` */
export function validateRetries({ retries }: HttpRouteSpec, path: string): Issue[] {
  if (retries === undefined) return [];
  const { attempts = 0, perTryTimeout, retryOn = '', retryRemoteLocalities } = retries;
  const others = [perTryTimeout, retryOn || undefined, retryRemoteLocalities];
  if (attempts === 0 && others.some((field) => field !== undefined)) {
    return [{ path: `${path}.retries.attempts`, message: 'must be above 0 when other fields are set: got 0' }];
  }
  if (retryOn === '') return [];
  return retryOn
    .split(',')
    .filter((condition) => !CONDITIONS.has(condition) && !isStatus(condition))
    .map((condition) => ({
      path: `${path}.retries.retryOn`,
      message: `must be conditions or status codes joined by commas, without blanks: got ${JSON.stringify(condition)}`,
    }));
}

/** Of those that have a meaning. */
function isStatus(condition: string): boolean {
  return /^\d{3}$/.test(condition) && STATUS_CODES[condition] !== undefined;
}
