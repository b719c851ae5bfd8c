/** Turns what an API server answered instead of success into an `ApiError`: reason, causes, and what to do about it. */

import { messageOf, type Remedy } from '../lib/errors.ts';
import { ApiError, type RawResponse, type StatusCause } from './kube-client.ts';

/** The error of an answer with a status of 400 or more. Bodies that are no Status (proxies answer HTML) are quoted in short. */
export function statusError({ status, headers, text }: RawResponse, doing: string): ApiError {
  const body = parseStatus(text);
  const message = body?.message ?? (text.trim().slice(0, 200) || `status ${status}`);
  return new ApiError(`${doing}: ${message}`, {
    status,
    reason: body?.reason ?? reasonOf(status),
    causes: body?.causes ?? [],
    remedy: remedyOf(status, headers),
  });
}

/** The error of a request that got no answer, or only half of one. */
export function unreachableError(server: string, thrown: unknown): ApiError {
  return new ApiError(`The API server at ${server} cannot be reached: ${rootMessage(thrown)}`, {
    code: 'SL0006',
    status: 0,
    reason: 'Unreachable',
    cause: thrown,
  });
}

/** `Retry-After` in milliseconds (RFC 9110 section 10.2.3, the form in seconds, the only one that API servers send). */
export function retryAfterMs(headers: Record<string, string>): number | undefined {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : undefined;
}

type StatusBody = { message: string; reason: string; causes: StatusCause[] };

function parseStatus(text: string): StatusBody | undefined {
  let body: { kind?: unknown; message?: unknown; reason?: unknown; details?: { causes?: unknown } } | null;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (body?.kind !== 'Status') return undefined;
  const causes = Array.isArray(body.details?.causes) ? body.details.causes : [];
  return {
    message: String(body.message ?? ''),
    reason: String(body.reason ?? 'Unknown'),
    causes: causes.map((cause: Partial<StatusCause>) => ({
      reason: String(cause.reason ?? ''),
      message: String(cause.message ?? ''),
      field: String(cause.field ?? ''),
    })),
  };
}

function remedyOf(status: number, headers: Record<string, string>): Remedy {
  const waitMs = retryAfterMs(headers);
  if (waitMs !== undefined) return { kind: 'wait', retryAfterMs: waitMs };
  if (status === 429) return { kind: 'wait', retryAfterMs: 1_000 };
  return status === 400 || status === 403 || status === 422 ? { kind: 'stall' } : { kind: 'retry' };
}

function reasonOf(status: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
  };
  return reasons[status] ?? (status < 500 ? 'Unknown' : 'InternalError');
}

/** The innermost message says what happened; the outer ones of fetch-like libraries only say that something did. */
function rootMessage(thrown: unknown): string {
  let inner = thrown;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] !== undefined) return messageOf(inner.errors[0]);
  return messageOf(inner);
}
