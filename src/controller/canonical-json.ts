/** One text per value, whatever the order of keys: for comparing what is with what should be, and for hashes of revisions. */

import { createHash } from 'node:crypto';

/** Keys sorted, `undefined` left out, as the API server would store it. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/** The first 12 hex digits of a SHA-256: short enough to be read out, long enough for one Canary's history. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 12);
}
