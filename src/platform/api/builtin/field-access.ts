/** Reading fields of an object whose shape nobody has checked yet: a wrong type reads as absent. */

export type Fields = { [field: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path, or `undefined` when a step of it is missing. */
export function at(root: unknown, ...path: readonly (string | number)[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    else value = isFields(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

export function fieldsAt(root: unknown, ...path: readonly (string | number)[]): Fields {
  const value = at(root, ...path);
  return isFields(value) ? value : {};
}

export function listAt(root: unknown, ...path: readonly (string | number)[]): readonly Fields[] {
  const value = at(root, ...path);
  return Array.isArray(value) ? value.filter(isFields) : [];
}

export function textAt(root: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = at(root, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(root: unknown, ...path: readonly (string | number)[]): number | undefined {
  const value = at(root, ...path);
  return typeof value === 'number' ? value : undefined;
}
