/** Filling in one field. */

import { type Fields, isFields } from '../field-access.ts';

/** Sets a field that is absent. */
export function setDefault(fields: Fields, name: string, value: unknown): void {
  if (fields[name] === undefined || fields[name] === null) fields[name] = value;
}

/** The object at `name`, made when it is absent. */
export function childOf(fields: Fields, name: string): Fields {
  if (!isFields(fields[name])) fields[name] = {};
  return fields[name] as Fields;
}
