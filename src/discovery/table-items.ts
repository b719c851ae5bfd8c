/** A compiled table cut into the items that travel, each with the hash of its content, and the difference to what is held. */

import { createHash } from 'node:crypto';
import { perObject } from '../lib/per-object.ts';
import { holdingKey, type TableItem, type TableItemKind, type ToProxy } from '../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints, RouteTable, VirtualHost } from '../mesh/table/route-table.ts';

/** Items by `holdingKey`. */
export type TableItems = ReadonlyMap<string, TableItem>;

/** What a proxy has, by `holdingKey`. */
export type Held = ReadonlyMap<string, Pick<TableItem, 'hash'>>;

/** What did not change since the table before is the same item, which is hashed once. */
export function tableItems({ clusters, endpoints, virtualHosts }: Omit<RouteTable, 'version'>): TableItems {
  return new Map([
    ...Object.values(clusters).map(clusterItem),
    ...Object.values(endpoints).map(endpointsItem),
    ...Object.values(virtualHosts).map(hostItem),
  ]);
}

const clusterItem = perObject((value: Cluster) =>
  keyed({ kind: 'cluster', name: value.name, hash: hashOf(value), value }),
);
const endpointsItem = perObject((value: ClusterEndpoints) =>
  keyed({ kind: 'endpoints', name: value.cluster, hash: hashOf(value), value }),
);
const hostItem = perObject((value: VirtualHost) =>
  keyed({ kind: 'virtualHost', name: value.name, hash: hashOf(value), value }),
);

function keyed(item: TableItem): [key: string, item: TableItem] {
  return [holdingKey(item.kind, item.name), item];
}

/** The messages that turn `held` into `items`, without the commit; none when they are the same. */
export function tableDifference(held: Held, items: TableItems): ToProxy[] {
  const changes: ToProxy[] = [];
  for (const [key, item] of items) if (held.get(key)?.hash !== item.hash) changes.push({ type: 'put', item });
  for (const key of held.keys()) {
    if (items.has(key)) continue;
    const slashAt = key.indexOf('/');
    changes.push({ type: 'remove', kind: key.slice(0, slashAt) as TableItemKind, name: key.slice(slashAt + 1) });
  }
  return changes;
}

// The compiler builds objects in a fixed order of fields, so that equal content is equal text.
function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}
