/** Comparing what is with what should be, however a server writes nothing. Pure. */

import { canonicalJson } from '../../lib/canonical-json.ts';

/**
 * One text for all that means the same: API servers differ in whether they write null and empty values, which say what an absent
 * field says.
 */
export function meaningOf(value: unknown): string {
  return canonicalJson(value, isEmpty);
}

/** Whether two statuses say the same; a count of 0 may be left out by the server. */
export function sameStatus(one: object | undefined, other: object | undefined): boolean {
  const isNothing = (value: unknown) => value === 0 || isEmpty(value);
  return canonicalJson(one ?? {}, isNothing) === canonicalJson(other ?? {}, isNothing);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}
