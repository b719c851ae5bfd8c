/** Istio's validation of an answer that a rule gives itself (istio.md 11): every proxy keeps its body. */

import type { Issue } from '../../lib/issue.ts';
import type { HttpRouteSpec } from './http-route.ts';

const KIB = 1_024;
const BODY_BYTES_MOST = 1_024 * KIB;
const LARGE_BODY_BYTES = 100 * KIB;
const SHOWN_CHARACTERS = 100;
/** Padded, and not the alphabet for URLs (observed with a real API server). No group is repeated: a body may be megabytes long. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @param path where the rule stands: `spec.http[0]` */
export function validateDirectResponse(rule: HttpRouteSpec, path: string): Issue[] {
  const { string, bytes: coded } = rule.directResponse?.body ?? {};
  if (string !== undefined && coded !== undefined) {
    return [issueOf(path, 'must have only one of string and bytes: got both')];
  }
  if (coded !== undefined && (coded.length % 4 !== 0 || !BASE64.test(coded))) {
    return [issueOf(path, `must have bytes in base64: got ${JSON.stringify(coded.slice(0, SHOWN_CHARACTERS))}`)];
  }
  const bytes = bodyBytes(rule);
  return bytes > BODY_BYTES_MOST ? [issueOf(path, `must be at most ${BODY_BYTES_MOST} bytes: got ${bytes}`)] : [];
}

export function warnDirectResponse(rule: HttpRouteSpec, path: string): Issue[] {
  const bytes = bodyBytes(rule);
  return bytes > LARGE_BODY_BYTES && bytes <= BODY_BYTES_MOST
    ? [issueOf(path, `must be small, because every proxy keeps it: got ${bytes} bytes`)]
    : [];
}

function issueOf(path: string, message: string): Issue {
  return { path: `${path}.directResponse.body`, message };
}

function bodyBytes({ directResponse }: HttpRouteSpec): number {
  const { string = '', bytes = '' } = directResponse?.body ?? {};
  return Buffer.byteLength(string) + Buffer.byteLength(bytes, 'base64');
}
