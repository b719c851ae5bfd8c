/** What `allOf`, `anyOf`, `oneOf` and `not` may say: more about values, but nothing that decides which fields there are. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { forbidden } from '../../schema/causes.ts';
import { type Fields, fieldsAt, isFields, listAt } from '../field-access.ts';

const FORBIDDEN: ReadonlyArray<readonly [string, string]> = [
  ['type', 'must be empty to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['default', 'must be undefined to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be undefined to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
];

/** @param path where `schema` stands, which is the one that the junctors belong to */
export function validateJunctors(schema: Fields, path: string): StatusCause[] {
  const eitherType = schema['x-kubernetes-int-or-string'] === true;
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((name) =>
    listAt(schema, name).flatMap((member, index) => {
      // The one way to say in plain OpenAPI what int-or-string means.
      if (eitherType && name === 'anyOf' && isIntOrString(schema)) return [];
      if (eitherType && name === 'allOf' && isIntOrString(member)) return [];
      return validateValueSchema(member, `${path}.${name}[${index}]`);
    }),
  );
  return isFields(schema.not) ? [...lists, ...validateValueSchema(schema.not, `${path}.not`)] : lists;
}

function isIntOrString(schema: Fields): boolean {
  const types = listAt(schema, 'anyOf').map(({ type }) => type);
  return types.length === 2 && types[0] === 'integer' && types[1] === 'string';
}

function validateValueSchema(schema: Fields, path: string): StatusCause[] {
  const own = FORBIDDEN.filter(([name]) => schema[name] !== undefined && schema[name] !== false).map(([name, why]) =>
    forbidden(`${path}.${name}`, why),
  );
  const properties = Object.entries(fieldsAt(schema, 'properties')).flatMap(([name, property]) =>
    isFields(property) ? validateValueSchema(property, `${path}.properties[${name}]`) : [],
  );
  const items = isFields(schema.items) ? validateValueSchema(schema.items, `${path}.items`) : [];
  return [...own, ...properties, ...items, ...validateJunctors(schema, path)];
}
