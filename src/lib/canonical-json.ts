/** One text per value, whatever the order of keys: for comparing what is with what should be, and for hashes of revisions. Pure. */

import { createHash } from 'node:crypto';

/**
 * JSON with the keys of every object sorted.
 *
 * @param isNothing fields whose value it accepts are left out, because absent means the same; besides, `undefined` always is
 */
export function canonicalJson(value: unknown, isNothing: (value: unknown) => boolean = () => false): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, held]) => !isNothing(held));
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** The first 12 hex digits of a SHA-256: short enough to be read out, long enough for the history of one object. */
export function shortHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 12);
}
