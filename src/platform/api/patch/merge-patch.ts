/** JSON merge patch: RFC 7386. */

import { type Fields, isFields } from '../builtin/field-access.ts';

/** @returns a new value; neither argument is changed */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return structuredClone(patch);
  const result: Fields = isFields(target) ? structuredClone(target) : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else {
      const merged = applyMergePatch(Object.hasOwn(result, name) ? result[name] : undefined, value);
      // An assignment to `__proto__` would change the prototype instead.
      Object.defineProperty(result, name, { value: merged, enumerable: true, writable: true, configurable: true });
    }
  }
  return result;
}
