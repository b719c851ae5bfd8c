/**
 * What makes a body undecodable for a built-in kind: Go refuses a value of the wrong type before anything is validated, so the
 * answer is 400 BadRequest and not 422 with causes.
 */

import type { KubeObject } from '../../../lib/resource.ts';
import { definitionNameOf } from '../builtin/builtin-schemas.ts';
import { isFields } from '../builtin/field-access.ts';
import type { KindDefinition, Schema } from '../kind.ts';
import { isQuantity } from '../wire/quantity.ts';

/** @returns what Go would say of the first wrong type, or `undefined` for a body that decodes; custom resources always decode */
export function decodeFault(kind: KindDefinition, object: KubeObject): string | undefined {
  if (kind.rules === undefined) return undefined;
  return mistyped(object, { schema: kind.schema, struct: kind.type.kind, path: '' });
}

/** `struct`: the innermost Go struct, which the message names. */
type Place = { schema: Schema; struct: string; path: string };

function mistyped(value: unknown, place: Place): string | undefined {
  const { schema, struct, path } = place;
  if (value === null || value === undefined) return undefined;
  const found = foundType(value);
  if (!accepts(schema, found, value)) {
    const shown = typeof value === 'number' && !Number.isInteger(value) ? `${found} ${value}` : found;
    return `json: cannot unmarshal ${shown} into Go struct field ${struct}.${path} of type ${goType(schema)}`;
  }
  if (typeof value === 'string') return malformed(value, schema);
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? undefined : firstOf(value, (item) => mistyped(item, { ...place, schema: items }));
  }
  return isFields(value) ? firstOf(Object.entries(value), (entry) => mistypedField(entry, place)) : undefined;
}

function mistypedField([name, item]: [string, unknown], { schema, struct, path }: Place): string | undefined {
  const property =
    schema.properties !== undefined && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
  if (property !== undefined) {
    const own = definitionNameOf(schema)?.split('.').at(-1) ?? struct;
    return mistyped(item, { schema: property, struct: own, path: path === '' ? name : `${path}.${name}` });
  }
  const { additionalProperties } = schema;
  return typeof additionalProperties === 'object'
    ? mistyped(item, { schema: additionalProperties, struct, path })
    : undefined;
}

function firstOf<T>(items: readonly T[], look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = look(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const QUANTITY_FAULT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Texts that Go decodes into something else. */
function malformed(text: string, { format }: Schema): string | undefined {
  if (format === 'quantity') return isQuantity(text) ? undefined : QUANTITY_FAULT;
  if (format !== 'byte') return undefined;
  const fault = /[^A-Za-z0-9+/=\r\n]/.exec(text)?.index;
  if (fault !== undefined) return `illegal base64 data at input byte ${fault}`;
  return text.length % 4 === 0 ? undefined : `illegal base64 data at input byte ${text.length - (text.length % 4)}`;
}

function accepts(schema: Schema, found: string, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string']) return found === 'number' || found === 'string';
  if (schema.type === 'integer') return Number.isInteger(value);
  if (schema.type === undefined) return true;
  return schema.type === 'boolean' ? found === 'bool' : schema.type === found;
}

function foundType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goType(schema: Schema): string {
  const { type = 'string', format, items, additionalProperties } = schema;
  const name = definitionNameOf(schema)?.split('.').slice(-2).join('.');
  if (name !== undefined) return name;
  if (type === 'array') return `[]${goType(items ?? {})}`;
  if (type === 'object')
    return `map[string]${goType(typeof additionalProperties === 'object' ? additionalProperties : {})}`;
  if (type === 'integer') return format ?? 'int';
  return type === 'boolean' ? 'bool' : type === 'number' ? 'float64' : 'string';
}
