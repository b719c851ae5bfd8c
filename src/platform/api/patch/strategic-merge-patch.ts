/**
 * Strategic merge patch: a merge patch that merges lists by key, as `x-kubernetes-patch-strategy` and `-merge-key` of the schema say,
 * with the directives `$patch`, `$retainKeys`, `$setElementOrder/FIELD` and `$deleteFromPrimitiveList/FIELD`.
 * https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */

import { type Fields, isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';
import { inOrderOf } from './list-order.ts';
import { PatchError } from './patch-error.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const SET_ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/**
 * @param target the stored object
 * @returns a new object
 * @throws PatchError when the patch is no object, or a list item lacks its merge key
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown, schema: Schema): unknown {
  if (!isFields(patch)) throw new PatchError(400, 'A strategic merge patch must be an object');
  return mergeFields(isFields(target) ? structuredClone(target) : {}, structuredClone(patch), schema);
}

function mergeFields(original: Fields, patch: Fields, schema: Schema | undefined): Fields {
  const { [PATCH]: directive, [RETAIN_KEYS]: retained, ...changes } = patch;
  if (directive === 'replace') return withoutDirectives(changes) as Fields;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw new PatchError(400, `Unknown patch type found: ${JSON.stringify(directive)}`);
  }
  const result: Fields = Array.isArray(retained) ? keepOnly(original, retained) : original;
  for (const [name, value] of Object.entries(changes)) {
    if (name.startsWith(DELETE_PRIMITIVES)) removePrimitives(result, name.slice(DELETE_PRIMITIVES.length), value);
  }
  for (const [name, value] of Object.entries(changes)) {
    if (name.startsWith('$')) continue;
    if (value === null) delete result[name];
    else
      setOwn(
        result,
        name,
        mergeValue(Object.hasOwn(result, name) ? result[name] : undefined, value, fieldSchema(schema, name)),
      );
  }
  for (const [name, order] of Object.entries(changes)) {
    if (name.startsWith(SET_ORDER)) reorder(result, name.slice(SET_ORDER.length), order, schema);
  }
  return result;
}

function mergeValue(original: unknown, patch: unknown, schema: Schema | undefined): unknown {
  const strategies = schema?.['x-kubernetes-patch-strategy']?.split(',') ?? [];
  if (isFields(patch)) {
    if (isFields(original) && !strategies.includes('replace')) return mergeFields(original, patch, schema);
    return mergeFields({}, patch, schema);
  }
  if (!Array.isArray(patch)) return patch;
  if (!strategies.includes('merge')) return withoutDirectives(patch);
  const key = schema?.['x-kubernetes-patch-merge-key'];
  const before = Array.isArray(original) ? original : [];
  if (key === undefined) return inOrderOf([...new Set([...before, ...patch])], { order: patch, before });
  return mergeItems(before, patch, { key, schema: schema?.items });
}

type ListRule = { key: string; schema: Schema | undefined };

function mergeItems(before: readonly unknown[], patch: readonly unknown[], { key, schema }: ListRule): unknown[] {
  const items = patch.map((item) => (isFields(item) ? item : {}));
  const replaces = items.some((item) => item[PATCH] === 'replace');
  if (replaces) return items.filter((item) => item[PATCH] === undefined).map(withoutDirectives);

  const dropped = items.filter((item) => item[PATCH] === 'delete').map((item) => keyOf(item, key));
  const original = before.filter((item) => !dropped.includes(isFields(item) ? item[key] : undefined));
  const changes = items.filter((item) => item[PATCH] !== 'delete');
  const merged = [...original];
  for (const change of changes) {
    const wanted = keyOf(change, key);
    const index = merged.findIndex((item) => isFields(item) && item[key] === wanted);
    const found = merged[index];
    if (isFields(found)) merged[index] = mergeFields(found, change, schema);
    else merged.push(mergeFields({}, change, schema));
  }
  return inOrderOf(merged, { order: changes, before: original, key });
}

function keyOf(item: Fields, key: string): unknown {
  if (item[key] === undefined) {
    throw new PatchError(400, `map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
  }
  return item[key];
}

function reorder(fields: Fields, name: string, order: unknown, schema: Schema | undefined): void {
  const list = fields[name];
  if (!Array.isArray(list) || !Array.isArray(order)) return;
  const key = fieldSchema(schema, name)?.['x-kubernetes-patch-merge-key'];
  fields[name] = inOrderOf(list, { order, before: list, ...(key === undefined ? {} : { key }) });
}

function removePrimitives(fields: Fields, name: string, values: unknown): void {
  const list = fields[name];
  if (Array.isArray(list) && Array.isArray(values)) fields[name] = list.filter((item) => !values.includes(item));
}

function keepOnly(fields: Fields, names: readonly unknown[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

/** What a directive replaces is taken as it stands, without the directives and nulls inside it. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !name.startsWith('$') && item !== null)
      .map(([name, item]) => [name, withoutDirectives(item)]),
  );
}

function fieldSchema(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/** A plain assignment to `__proto__` would change the prototype instead. */
function setOwn(fields: Fields, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true });
}
