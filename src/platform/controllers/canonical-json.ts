/** Comparing what is with what should be, whatever the order of keys and however a server writes nothing. Pure. */

/**
 * JSON with sorted keys. Null and empty values are left out: API servers differ in whether they write them, and they mean the
 * same as an absent field.
 */
export function canonicalJson(value: unknown): string {
  return canonical(value, isEmpty);
}

/** Whether two statuses say the same; a count of 0 may be left out by the server. */
export function sameStatus(one: object | undefined, other: object | undefined): boolean {
  const isNothing = (value: unknown) => value === 0 || isEmpty(value);
  return canonical(one ?? {}, isNothing) === canonical(other ?? {}, isNothing);
}

function canonical(value: unknown, isNothing: (value: unknown) => boolean): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).filter(([, held]) => !isNothing(held));
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0;
}
