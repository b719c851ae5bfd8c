/** Merging and removing by the list and map types of a schema: the two halves of an apply. */

import { type Fields, isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';
import { elementOf, type FieldSet, isAtomic, isMergedList, schemaOfField } from './field-set.ts';

/** `live` with everything that `applied` says. */
export function mergeBySchema(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  if (isFields(live) && isFields(applied) && !isAtomic(schema)) {
    const merged: Fields = { ...live };
    for (const [name, value] of Object.entries(applied)) {
      const before = Object.hasOwn(live, name) ? live[name] : undefined;
      const item = mergeBySchema(before, value, schemaOfField(schema, name));
      Object.defineProperty(merged, name, { value: item, enumerable: true, writable: true, configurable: true });
    }
    return merged;
  }
  if (Array.isArray(live) && Array.isArray(applied) && isMergedList(schema)) return mergeLists(live, applied, schema);
  return structuredClone(applied);
}

/** Items that both have stay where `live` has them; new ones follow, in the order of `applied`. */
function mergeLists(live: readonly unknown[], applied: readonly unknown[], schema: Schema | undefined): unknown[] {
  const wanted = new Map(applied.map((item) => [elementOf(item, schema), item]));
  const kept = live.map((item) => {
    const element = elementOf(item, schema);
    const change = wanted.get(element);
    wanted.delete(element);
    return change === undefined ? item : mergeBySchema(item, change, schema?.items);
  });
  return [...kept, ...wanted.values()];
}

/** `value` without the fields of `removed`; an object or item that loses its last field stays, unless `removed` names it itself. */
export function removeFields(value: unknown, removed: FieldSet, schema: Schema | undefined): unknown {
  if (isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, item]) => {
        const inside = removed[`f:${name}`];
        if (inside === undefined) return [[name, item]];
        if (Object.keys(inside).length === 0) return [];
        const rest = removeFields(item, inside, schemaOfField(schema, name));
        return isHollow(rest) ? [] : [[name, rest]];
      }),
    );
  }
  if (!Array.isArray(value)) return value;
  return value.flatMap((item) => {
    const inside = removed[elementOf(item, schema)];
    if (inside === undefined) return [item];
    if (Object.keys(inside).length === 0 || inside['.'] !== undefined) return [];
    return [removeFields(item, inside, schema?.items)];
  });
}

function isHollow(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) && Object.keys(value).length === 0;
}
