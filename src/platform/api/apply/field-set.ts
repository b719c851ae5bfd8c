/**
 * Sets of fields in the notation of `managedFields` (FieldsV1): `f:NAME` is a field, `k:{…}` a list item by its keys, `v:…` a value of
 * a set, `.` the thing itself. An empty object is a leaf.
 */

import { type Fields, isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';

export type FieldSet = { [element: string]: FieldSet };

/** Fields that nobody owns: identity, and what the server alone writes. */
const UNOWNED_METADATA = [
  ...['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'selfLink'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'],
];

/** All fields of an object. */
export function fieldsOf(object: unknown, schema: Schema): FieldSet {
  const set = fieldsOfValue(object, schema);
  delete set['f:apiVersion'];
  delete set['f:kind'];
  const metadata = set['f:metadata'];
  if (metadata !== undefined) {
    for (const name of UNOWNED_METADATA) delete metadata[`f:${name}`];
    if (Object.keys(metadata).length === 0) delete set['f:metadata'];
  }
  return set;
}

function fieldsOfValue(value: unknown, schema: Schema | undefined): FieldSet {
  if (isFields(value) && !isAtomic(schema)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [`f:${name}`, fieldsOfValue(item, schemaOfField(schema, name))]),
    );
  }
  if (Array.isArray(value) && isMergedList(schema)) {
    return Object.fromEntries(
      value.map((item) => {
        const inside = schema?.['x-kubernetes-list-type'] === 'map' ? fieldsOfValue(item, schema.items) : {};
        return [elementOf(item, schema), schema?.['x-kubernetes-list-type'] === 'map' ? { '.': {}, ...inside } : {}];
      }),
    );
  }
  return {};
}

export function isAtomic(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-map-type'] === 'atomic';
}

/** Lists of type `map` and `set` merge; all others are one value. */
export function isMergedList(schema: Schema | undefined): boolean {
  const type = schema?.['x-kubernetes-list-type'];
  return type === 'map' || type === 'set';
}

export function schemaOfField(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** How a list item is named in a set: by its keys (a key that is absent counts with its default), or by its value. */
export function elementOf(item: unknown, schema: Schema | undefined): string {
  if (schema?.['x-kubernetes-list-type'] !== 'map' || !isFields(item)) return `v:${JSON.stringify(item)}`;
  const keys: Fields = {};
  for (const name of [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort()) {
    const value = item[name] ?? schema.items?.properties?.[name]?.default;
    if (value !== undefined) keys[name] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** The fields of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const [element, inside] of Object.entries(a)) {
    const other = b[element];
    if (other === undefined) result[element] = inside;
    else if (Object.keys(inside).length > 0) {
      const rest = difference(inside, other);
      if (Object.keys(rest).length > 0) result[element] = rest;
    }
  }
  return result;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a };
  for (const [element, inside] of Object.entries(b)) result[element] = union(result[element] ?? {}, inside);
  return result;
}

export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}
