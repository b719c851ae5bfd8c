/**
 * The schemas of the built-in kinds, from `schemas.json` (`scripts/builtin-schemas.ts` makes it from a real server). References are
 * resolved to shared objects once; `definitionNameOf` gives the name back, so that OpenAPI documents can refer instead of repeat.
 */

import type { Schema } from '../kind.ts';
import data from './schemas.json' with { type: 'json' };

type Stored = { [key: string]: unknown; $ref?: string };

const definitions = data.definitions as unknown as Record<string, Stored>;
const resolved = new Map<string, Schema>();
const names = new Map<Schema, string>();

/** @throws Error when the data file does not know the kind: it and `builtin-kinds.ts` are changed together */
export function builtinSchema(apiVersion: string, kind: string): Schema {
  const name = (data.kinds as Record<string, string>)[`${apiVersion}/${kind}`];
  if (name === undefined) throw new Error(`schemas.json has no ${apiVersion} ${kind}`);
  return definition(name);
}

/** A named schema of Kubernetes, such as `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`. */
export function definition(name: string): Schema {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const stored = definitions[name];
  if (stored === undefined) throw new Error(`schemas.json has no ${name}`);
  const schema: Schema = {};
  resolved.set(name, schema);
  names.set(schema, name);
  return Object.assign(schema, resolve(stored));
}

/** The name under which Kubernetes publishes this very schema object; `undefined` for a schema of a CRD. */
export function definitionNameOf(schema: Schema): string | undefined {
  return names.get(schema);
}

function resolve(stored: Stored): Schema {
  const { $ref, properties, items, additionalProperties, ...rest } = stored;
  if ($ref !== undefined) {
    const target = definition($ref);
    // Extensions beside a reference (patch strategy, default) need an object of their own.
    return Object.keys(rest).length === 0 ? target : { ...rest, ...target };
  }
  const schema = rest as Schema;
  if (properties !== undefined) {
    schema.properties = Object.fromEntries(
      Object.entries(properties as Record<string, Stored>).map(([name, property]) => [name, resolve(property)]),
    );
  }
  if (items !== undefined) schema.items = resolve(items as Stored);
  if (additionalProperties !== undefined) schema.additionalProperties = resolve(additionalProperties as Stored);
  return schema;
}
