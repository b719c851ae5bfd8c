/** The order of a merged list: what the patch names comes in the patch's order, the rest keeps its place relative to that. */

import { isFields } from '../builtin/field-access.ts';

export type ListOrder = {
  /** Items, or their keys, in the order the writer wants. */
  order: readonly unknown[];
  /** The list before the patch. */
  before: readonly unknown[];
  /** The merge key of a list of objects. */
  key?: string;
};

/** @returns the items of `merged`, ordered; an item that only the patch has comes before what follows it there */
export function inOrderOf(merged: readonly unknown[], { order, before, key }: ListOrder): unknown[] {
  const identity = (item: unknown) => (key !== undefined && isFields(item) ? item[key] : item);
  const wanted = order.map(identity);
  const old = before.map(identity);
  const byOrder = (list: readonly unknown[]) => (a: unknown, b: unknown) =>
    list.indexOf(identity(a)) - list.indexOf(identity(b));
  const named = merged.filter((item) => wanted.includes(identity(item))).sort(byOrder(wanted));
  const others = merged.filter((item) => !wanted.includes(identity(item))).sort(byOrder(old));

  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const left = old.indexOf(identity(others[0]));
    const right = old.indexOf(identity(named[0]));
    result.push(left >= 0 && right >= 0 && left < right ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}
