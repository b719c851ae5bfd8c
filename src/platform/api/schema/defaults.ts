/** Fills in what the writer left out: defaults of the schema, then the rules of a built-in kind. */

import type { KubeObject } from '../../../lib/resource.ts';
import { isFields } from '../builtin/field-access.ts';
import type { KindDefinition, Schema } from '../kind.ts';
import { goShape } from '../wire/go-shape.ts';

/**
 * @param old what is stored, on an update: fields that the server allocated (a Service's clusterIP) are kept from it
 * @returns a new object
 */
export function applyDefaults(kind: KindDefinition, object: KubeObject, old?: KubeObject): KubeObject {
  const filled = kind.rules === undefined ? structuredClone(object) : goShape(structuredClone(object));
  fill(filled, kind.schema);
  kind.rules?.defaults(filled, old);
  return filled;
}

function fill(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) for (const item of value) fill(item, schema.items);
  } else if (isFields(value)) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const replaces = value[name] === undefined || (value[name] === null && property.nullable !== true);
      if (replaces && property.default !== undefined) value[name] = structuredClone(property.default);
      if (value[name] !== undefined) fill(value[name], property);
    }
    if (typeof schema.additionalProperties === 'object') {
      for (const [name, item] of Object.entries(value)) {
        if (!Object.hasOwn(schema.properties ?? {}, name)) fill(item, schema.additionalProperties);
      }
    }
  }
}
