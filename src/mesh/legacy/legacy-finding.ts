/** What the rewriting of old and contradictory resources says, and how its rules say it. */

import type { ErrorCode } from '../../lib/errors.ts';
import type { Issue } from '../../lib/issue.ts';

export type LegacyFinding = Issue & { level: 'error' | 'warning'; code: ErrorCode };

/** What a rule found. */
export type Found = Issue & {
  code: ErrorCode;
  /** What Istio itself would do, and so `--strict`. */
  strict: 'refused' | 'accepted';
};

/** What rules of one resource share. */
export type LegacySite = {
  strict: boolean;
  /** Says what was found. @returns whether to translate it; not what `--strict` refuses */
  translates(found: Found): boolean;
  /** Says what nobody can translate, in either mode. */
  refuses(found: Omit<Found, 'strict'>): void;
};

/** Parts of an object as it was written: nothing is known of it yet. */
export type Fields = Record<string, unknown>;

/** The value, if it has fields. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The entries of a list that have fields, with their indexes. */
export function entriesOf(value: unknown): { fields: Fields; index: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry, index) => {
    const fields = fieldsOf(entry);
    return fields === undefined ? [] : [{ fields, index }];
  });
}

/** The fields below `key`, made when there are none. */
export function fieldsAt(parent: Fields, key: string): Fields {
  const found = fieldsOf(parent[key]) ?? {};
  parent[key] = found;
  return found;
}
