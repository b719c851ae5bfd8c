/** Which fields two versions of an object differ in. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../lib/resource.ts';
import { isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';
import { elementOf, type FieldSet, fieldsOf, isEmpty, schemaOfField } from './field-set.ts';

/** The fields of `next` that are new or other than in `old`; removed fields are in nobody's set. */
export function changedFields(old: KubeObject | undefined, next: KubeObject, schema: Schema): FieldSet {
  const all = fieldsOf(next, schema);
  return old === undefined ? all : changedIn(all, { old, next, schema });
}

type Pair = { old: unknown; next: unknown; schema: Schema | undefined };

function changedIn(set: FieldSet, { old, next, schema }: Pair): FieldSet {
  const result: FieldSet = {};
  for (const [element, inside] of Object.entries(set)) {
    if (element === '.') continue;
    const pair = pairAt({ old, next, schema }, element);
    if (isDeepStrictEqual(pair.old, pair.next)) continue;
    const descends = Object.keys(inside).length > 0 && pair.old !== undefined;
    const changed = descends ? changedIn(inside, pair) : inside;
    if (!descends || !isEmpty(changed)) result[element] = changed;
  }
  return result;
}

/** What stands at an element on both sides. */
function pairAt({ old, next, schema }: Pair, element: string): Pair {
  if (element.startsWith('f:')) {
    const name = element.slice(2);
    const read = (value: unknown) => (isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined);
    return { old: read(old), next: read(next), schema: schemaOfField(schema, name) };
  }
  const find = (value: unknown) =>
    Array.isArray(value) ? value.find((item) => elementOf(item, schema) === element) : undefined;
  return { old: find(old), next: find(next), schema: schema?.items };
}

/** The value that a path of elements leads to. */
export function valueAtElements(root: unknown, path: readonly string[], schema: Schema): unknown {
  return path.reduce<Pair>((pair, element) => pairAt(pair, element), { old: undefined, next: root, schema }).next;
}

/** All leaves of a set, as paths of elements. */
export function leavesOf(set: FieldSet, path: readonly string[] = []): string[][] {
  return Object.entries(set).flatMap(([element, inside]) => {
    if (element === '.') return [];
    const own = [...path, element];
    const below = leavesOf(inside, own);
    return below.length > 0 ? below : [own];
  });
}
