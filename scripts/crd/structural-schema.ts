/**
 * A zod schema as the structural OpenAPI schema that a CustomResourceDefinition demands (Kubernetes: "Specifying a structural
 * schema"): every node has one type, nothing with a type stands inside `anyOf` or `oneOf`, and closed objects are simply objects,
 * because the API server prunes.
 */

import { z } from 'zod';

/** JSON Schema as zod writes it, and as a CRD takes it. */
export type JsonSchema = {
  type?: string;
  format?: string;
  description?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
};

/** Converts what users may write (`io: 'input'`), with defaults. */
export function structuralSchema(schema: z.ZodType): JsonSchema {
  const raw = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', unrepresentable: 'any' });
  return toStructural(raw as JsonSchema);
}

function toStructural(schema: JsonSchema): JsonSchema {
  const variants = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  const flat = variants === undefined ? schema : withoutVariants(schema, variants);
  if (flat['x-kubernetes-int-or-string'] === true) return flat;
  if (flat.type === 'object') return objectSchema(flat);
  if (flat.type === 'array') return { ...annotations(flat), type: 'array', items: toStructural(flat.items ?? {}) };
  if (flat.type === undefined) return { ...annotations(flat), 'x-kubernetes-preserve-unknown-fields': true };
  return scalarSchema(flat);
}

/** Flattens a union: int|string has its extension, scalars merge their enums, objects merge their fields. */
function withoutVariants(schema: JsonSchema, variants: JsonSchema[]): JsonSchema {
  const base: JsonSchema = { ...schema };
  delete base.anyOf;
  delete base.oneOf;
  delete base.allOf;
  const solid = variants.filter((variant) => Object.keys(variant).length > 0);
  const types = new Set(solid.map(({ type }) => type));
  const nullable = solid.some((variant) => variant.nullable === true) || schema.nullable === true;
  const kept = nullable ? { ...base, nullable: true } : base;
  if (types.has('string') && (types.has('integer') || types.has('number'))) {
    return { ...annotations(kept), 'x-kubernetes-int-or-string': true };
  }
  if (types.size !== 1) return { ...annotations(kept), 'x-kubernetes-preserve-unknown-fields': true };
  const [type] = types;
  if (type === 'object') return { ...kept, type, ...mergedObjects(schema, solid) };
  const enums = solid.flatMap((variant) => variant.enum ?? []);
  const allEnums = solid.every((variant) => variant.enum !== undefined);
  const merged: JsonSchema = { ...kept };
  if (type !== undefined) merged.type = type;
  if (allEnums) merged.enum = [...new Set(enums)];
  if (type === 'array' && solid[0]?.items !== undefined) merged.items = solid[0].items;
  return merged;
}

/** Fields of all variants; a field is required only where every variant (or, for `allOf`, any) requires it. */
function mergedObjects(schema: JsonSchema, variants: JsonSchema[]): Pick<JsonSchema, 'properties' | 'required'> {
  const properties: Record<string, JsonSchema> = { ...schema.properties };
  for (const variant of variants) {
    for (const [name, property] of Object.entries(variant.properties ?? {})) {
      const known = properties[name];
      properties[name] = known === undefined ? property : { anyOf: [known, property] };
    }
  }
  const requiredLists = variants.map(({ required = [] }) => required);
  const required =
    schema.allOf !== undefined
      ? [...new Set(requiredLists.flat())]
      : (requiredLists[0] ?? []).filter((name) => requiredLists.every((list) => list.includes(name)));
  const all = [...new Set([...(schema.required ?? []), ...required])];
  return all.length === 0 ? { properties } : { properties, required: all };
}

function objectSchema(schema: JsonSchema): JsonSchema {
  const { properties = {}, required, additionalProperties } = schema;
  const names = Object.keys(properties);
  const result: JsonSchema = { ...annotations(schema), type: 'object' };
  if (names.length > 0) {
    result.properties = Object.fromEntries(names.map((name) => [name, toStructural(properties[name] ?? {})]));
    const open = additionalProperties !== undefined && additionalProperties !== false;
    if (open) result['x-kubernetes-preserve-unknown-fields'] = true;
  } else if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    result.additionalProperties = toStructural(additionalProperties);
  } else if (additionalProperties !== false) {
    result['x-kubernetes-preserve-unknown-fields'] = true;
  }
  // A field with a default is never missing by the time the server checks `required`.
  const demanded = required?.filter(
    (name) => properties[name]?.default === undefined && !acceptsAnything(properties[name]),
  );
  if (demanded !== undefined && demanded.length > 0) result.required = demanded;
  return result;
}

function scalarSchema(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...schema };
  delete result.propertyNames;
  // zod's integers are JavaScript's safe integers; that bound says nothing to a reader of the CRD.
  if (Math.abs(result.minimum ?? 0) === Number.MAX_SAFE_INTEGER) delete result.minimum;
  if (Math.abs(result.maximum ?? 0) === Number.MAX_SAFE_INTEGER) delete result.maximum;
  // zod's own expression for instants uses syntax that says less than the format does.
  if (result.format === 'date-time') delete result.pattern;
  return result;
}

function annotations({ description, nullable, default: fallback }: JsonSchema): JsonSchema {
  const kept: JsonSchema = {};
  if (description !== undefined) kept.description = description;
  if (nullable === true) kept.nullable = true;
  if (fallback !== undefined) kept.default = fallback;
  return kept;
}

function acceptsAnything(schema: JsonSchema | undefined): boolean {
  return schema !== undefined && Object.keys(schema).length === 0;
}
