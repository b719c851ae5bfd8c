/** Drops what the schema does not know, and says what it dropped, as strict field validation names it. */

import type { KubeObject } from '../../../lib/resource.ts';
import { type Fields, isFields } from '../builtin/field-access.ts';
import type { KindDefinition, Schema } from '../kind.ts';
import { objectMetaSchema, rootSchema, withTypeMeta } from './object-meta.ts';

/** @returns a new object, and the paths of the unknown fields (`spec.template.spec.containers[0].imagee`) in order */
export function pruneUnknown(kind: KindDefinition, object: KubeObject): { object: KubeObject; unknown: string[] } {
  const unknown: string[] = [];
  const schema = rootSchema(kind);
  const open = !kind.prunes && schema['x-kubernetes-preserve-unknown-fields'] !== true;
  const root = open ? { ...schema, 'x-kubernetes-preserve-unknown-fields': true } : schema;
  const pruned = pruneValue(object, { schema: root, path: '', unknown, dropsNull: kind.rules !== undefined });
  return { object: pruned as KubeObject, unknown };
}

/** The paths of the fields of `value` that a custom resource of this schema would not keep. */
export function unknownFields(schema: Schema, value: unknown): string[] {
  const unknown: string[] = [];
  pruneValue(value, { schema, path: '', unknown, dropsNull: false });
  return unknown;
}

type Visit = { schema: Schema; path: string; unknown: string[]; dropsNull: boolean };

function pruneValue(value: unknown, visit: Visit): unknown {
  if (Array.isArray(value)) {
    const { items } = visit.schema;
    if (items === undefined) return value;
    return value.map((item, index) => pruneValue(item, { ...visit, schema: items, path: `${visit.path}[${index}]` }));
  }
  return isFields(value) ? pruneFields(value, visit) : value;
}

function pruneFields(fields: Fields, visit: Visit): Fields {
  const schema = visit.schema['x-kubernetes-embedded-resource']
    ? withTypeMeta(visit.schema, objectMetaSchema())
    : visit.schema;
  const kept: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    const path = visit.path === '' ? name : `${visit.path}.${name}`;
    const known = schemaOfField(schema, name);
    // Go decodes null into the zero value, which is left out again.
    if (known !== undefined && visit.dropsNull && value === null) continue;
    if (known === undefined) visit.unknown.push(path);
    else setOwn(kept, name, known === 'anything' ? value : pruneValue(value, { ...visit, schema: known, path }));
  }
  return kept;
}

function schemaOfField(schema: Schema, name: string): Schema | 'anything' | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
  return open ? 'anything' : undefined;
}

/** A plain assignment to `__proto__` would change the prototype instead. */
function setOwn(fields: Fields, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}
