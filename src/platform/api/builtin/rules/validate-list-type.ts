/** `x-kubernetes-list-type`: how a list is merged, which its items have to allow. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { invalid, notSupported, required } from '../../schema/causes.ts';
import { at, type Fields, fieldsAt } from '../field-access.ts';

const LIST_TYPES = ['atomic', 'set', 'map'];

/** @param path where `schema` stands */
export function validateListType(schema: Fields, path: string): StatusCause[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = keysOf(schema);
  const field = `${path}.x-kubernetes-list-type`;
  if (listType === undefined) {
    return keys.length > 0 ? [required(field, 'must be map if x-kubernetes-list-map-keys is non-empty')] : [];
  }
  if (!LIST_TYPES.includes(String(listType))) return [notSupported(field, listType, LIST_TYPES)];
  if (schema.type !== undefined && schema.type !== 'array') {
    return [invalid(`${path}.type`, schema.type, 'must be array if x-kubernetes-list-type is specified')];
  }
  if (listType === 'set') return setCauses(fieldsAt(schema, 'items'), path);
  return listType === 'map' ? mapCauses(schema, { path, keys }) : [];
}

function keysOf(schema: Fields): string[] {
  const keys = schema['x-kubernetes-list-map-keys'];
  return Array.isArray(keys) ? keys.map(String) : [];
}

/** Items of a set are compared as wholes. */
function setCauses(items: Fields, path: string): StatusCause[] {
  const [kind, type] =
    items.type === 'object' ? ['map', items['x-kubernetes-map-type']] : ['list', items['x-kubernetes-list-type']];
  const isWhole = items.type !== 'object' && items.type !== 'array';
  if (isWhole || type === 'atomic') return [];
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  return [invalid(`${path}.items.x-kubernetes-${kind}-type`, type ?? null, why)];
}

/** Every item must have its keys, or get them by default. */
function mapCauses(schema: Fields, { path, keys }: { path: string; keys: readonly string[] }): StatusCause[] {
  const field = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0) return [required(field, 'must not be empty if x-kubernetes-list-type is map')];
  const properties = fieldsAt(schema, 'items', 'properties');
  if (!keys.every((key) => Object.hasOwn(properties, key))) {
    return [invalid(field, keys, 'entries must all be names of item properties')];
  }
  const needed = at(schema, 'items', 'required');
  const given = Array.isArray(needed) ? needed : [];
  const why = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
  return keys
    .filter((key) => !given.includes(key) && at(properties, key, 'default') === undefined)
    .map((key) => required(`${path}.items.properties[${key}].default`, why));
}
