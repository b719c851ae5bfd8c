/**
 * What makes a body undecodable for a built-in kind: Go refuses a value of the wrong type before anything is validated, so the
 * answer is 400 BadRequest and not 422 with causes.
 */

import type { KubeObject } from '../../../lib/resource.ts';
import { apiVersionOf } from '../../../lib/resource.ts';
import { isFields } from '../builtin/field-access.ts';
import type { KindDefinition, Schema } from '../kind.ts';

/** @returns the message of the refusal, or `undefined` for a body that decodes; custom resources always decode */
export function decodeFault(kind: KindDefinition, object: KubeObject): string | undefined {
  if (kind.rules === undefined) return undefined;
  const fault = mistyped(object, kind.schema, '');
  if (fault === undefined) return undefined;
  const { kind: name, version } = kind.type;
  const subject = `${name} in version "${kind.type.group === '' ? version : apiVersionOf(kind.type).split('/')[1]}"`;
  return `${subject} cannot be handled as a ${name}: ${fault}`;
}

function mistyped(value: unknown, schema: Schema, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  const found = foundType(value);
  if (!accepts(schema, found, value)) {
    return `json: cannot unmarshal ${found} into Go struct field .${path} of type ${goType(schema)}`;
  }
  if (Array.isArray(value)) {
    return schema.items === undefined ? undefined : firstOf(value.map((item) => [item, schema.items as Schema, path]));
  }
  if (!isFields(value)) return undefined;
  return firstOf(
    Object.entries(value).flatMap(([name, item]): Array<[unknown, Schema, string]> => {
      const known = schema.properties?.[name];
      const inside =
        known ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
      return inside === undefined ? [] : [[item, inside, path === '' ? name : `${path}.${name}`]];
    }),
  );
}

function firstOf(visits: ReadonlyArray<[unknown, Schema, string]>): string | undefined {
  for (const [value, schema, path] of visits) {
    const fault = mistyped(value, schema, path);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function accepts(schema: Schema, found: string, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string']) return found === 'number' || found === 'string';
  if (schema.type === 'integer') return Number.isInteger(value);
  if (schema.type === undefined) return true;
  return { boolean: 'bool' }[schema.type as string] === found || schema.type === found;
}

function foundType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goType(schema: Schema): string {
  if (schema.type === 'integer') return schema.format ?? 'int';
  return { boolean: 'bool', string: 'string', number: 'float64', object: 'map', array: 'slice' }[
    schema.type ?? 'string'
  ];
}
