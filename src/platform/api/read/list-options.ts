/** What a list is asked for: how much, from where on, and as of which resource version. */

import { ApiFailure, badRequest, invalidOption } from '../failure/api-failure.ts';
import { forbidden, notSupported } from '../schema/causes.ts';

/** Where the next page starts, and the version that all pages show. */
export type Cursor = { version: number; after: string };

export type ListOptions = {
  /** 0: everything. */
  limit: number;
  cursor?: Cursor;
  /** The state at exactly this version, and not at a newer one. */
  exactly?: number;
};

/** @throws ApiFailure 400 or 422 for values that are not allowed, 504 for a version of the future */
export function listOptionsOf(query: URLSearchParams, current: number): ListOptions {
  assertMatch(query);
  const limit = Math.max(0, integerOf(query, 'limit') ?? 0);
  const version = versionOf(query.get('resourceVersion'));
  const match = query.get('resourceVersionMatch') ?? '';
  const token = query.get('continue') ?? '';
  if (token !== '') {
    const cursor = parseCursor(token);
    if (version) throw badRequest('specifying resource version is not allowed when using continue');
    return { limit, cursor };
  }
  assertReached(version, current);
  // A limited list without a match means that very version, as it did before there was a match to ask for.
  const exact = match === 'Exact' || (match === '' && limit > 0);
  return { limit, ...(exact && version ? { exactly: version } : {}) };
}

function assertMatch(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  if (match === '') return;
  const forbid = (why: string) => invalidOption('GET', forbidden('resourceVersionMatch', why));
  if (query.get('continue')) throw forbid('resourceVersionMatch is forbidden when continue is provided');
  if (version === '') throw forbid('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalidOption('GET', notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && version === '0') {
    throw forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

/**
 * A resource version of a query.
 *
 * @throws ApiFailure 400 unless it is a number
 */
export function versionOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const shown = JSON.stringify(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`,
  );
}

/**
 * What is to be at least as new as something this store has never seen cannot be given.
 *
 * @throws ApiFailure 504, which clients retry
 */
export function assertReached(version: number | undefined, current: number): void {
  if (version === undefined || version <= current) return;
  throw new ApiFailure(504, 'Timeout', `Timeout: Too large resource version: ${version}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** @throws ApiFailure 400 unless the parameter is an integer */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (/^[+-]?\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

export function formatCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function parseCursor(token: string): Cursor {
  try {
    const { version, after } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Partial<Cursor>;
    if (Number.isSafeInteger(version) && typeof after === 'string') return { version: Number(version), after };
  } catch {
    // Falls through to the one refusal that every bad token gets.
  }
  throw badRequest('invalid continue token: continue key is not valid: it was not made by this server');
}
