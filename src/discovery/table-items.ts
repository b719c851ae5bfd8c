/** A compiled table cut into the items that travel, each with the hash of its content, and the difference to what is held. */

import { createHash } from 'node:crypto';
import { type Holdings, holdingKey, type TableItem, type TableItemKind, type ToProxy } from '../mesh/table/handover.ts';
import type { RouteTable } from '../mesh/table/route-table.ts';

/** Items by `holdingKey`. */
export type TableItems = ReadonlyMap<string, TableItem>;

export function tableItems({ clusters, endpoints, virtualHosts }: Omit<RouteTable, 'version'>): TableItems {
  const items = new Map<string, TableItem>();
  const add = (item: TableItem) => items.set(holdingKey(item.kind, item.name), item);
  for (const [name, value] of Object.entries(clusters)) add({ kind: 'cluster', name, hash: hashOf(value), value });
  for (const [name, value] of Object.entries(endpoints)) add({ kind: 'endpoints', name, hash: hashOf(value), value });
  for (const [name, value] of Object.entries(virtualHosts)) {
    add({ kind: 'virtualHost', name, hash: hashOf(value), value });
  }
  return items;
}

/** The messages that turn `held` into `items`, without the commit; none when they are the same. */
export function tableDifference(held: Holdings, items: TableItems): ToProxy[] {
  const puts = [...items]
    .filter(([key, { hash }]) => held[key] !== hash)
    .map(([, item]) => ({ type: 'put', item }) as const);
  const removes = Object.keys(held)
    .filter((key) => !items.has(key))
    .map((key) => {
      const slashAt = key.indexOf('/');
      return { type: 'remove', kind: key.slice(0, slashAt) as TableItemKind, name: key.slice(slashAt + 1) } as const;
    });
  return [...puts, ...removes];
}

/** What a proxy holds once it has accepted the items. */
export function holdingsOf(items: TableItems): Holdings {
  return Object.fromEntries([...items].map(([key, { hash }]) => [key, hash]));
}

// The compiler builds objects in a fixed order of fields, so that equal content is equal text.
function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}
