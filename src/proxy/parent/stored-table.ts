/** The table as the parent keeps it: items by key, in memory and in `table.json`, which is replaced atomically. */

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Holdings, holdingKey, type TableItem } from '../../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints, RouteTable, VirtualHost } from '../../mesh/table/route-table.ts';
import type { TableChange } from '../served-table.ts';

export type StoredTable = { version: number; items: ReadonlyMap<string, TableItem> };

/** A saved table is a RouteTable with the hashes of its items. */
type SavedTable = RouteTable & { hashes: Holdings };

export const NO_TABLE: StoredTable = { version: 0, items: new Map() };

export function applyChange(table: StoredTable, { version, puts, removes }: TableChange): StoredTable {
  const items = new Map(table.items);
  for (const { kind, name } of removes) items.delete(holdingKey(kind, name));
  for (const item of puts) items.set(holdingKey(item.kind, item.name), item);
  return { version, items };
}

export function holdingsOf({ items }: StoredTable): Holdings {
  return Object.fromEntries([...items].map(([key, { hash }]) => [key, hash]));
}

export function toRouteTable({ version, items }: StoredTable): RouteTable {
  const virtualHosts: Record<string, VirtualHost> = {};
  const clusters: Record<string, Cluster> = {};
  const endpoints: Record<string, ClusterEndpoints> = {};
  for (const item of items.values()) {
    if (item.kind === 'virtualHost') virtualHosts[item.name] = item.value;
    else if (item.kind === 'cluster') clusters[item.name] = item.value;
    else endpoints[item.name] = item.value;
  }
  return { version, virtualHosts, clusters, endpoints };
}

/** @returns the saved table; an empty one when there is none, or when it cannot be read (discovery sends it again) */
export async function loadTable(dataDir: string): Promise<StoredTable> {
  try {
    const saved = JSON.parse(await readFile(join(dataDir, 'table.json'), 'utf8')) as SavedTable;
    const items = new Map<string, TableItem>();
    const add = (item: Omit<TableItem, 'hash'>) => {
      const key = holdingKey(item.kind, item.name);
      items.set(key, { ...item, hash: saved.hashes[key] ?? '' } as TableItem);
    };
    for (const [name, value] of Object.entries(saved.virtualHosts)) add({ kind: 'virtualHost', name, value });
    for (const [name, value] of Object.entries(saved.clusters)) add({ kind: 'cluster', name, value });
    for (const [name, value] of Object.entries(saved.endpoints)) add({ kind: 'endpoints', name, value });
    return { version: saved.version, items };
  } catch {
    return NO_TABLE;
  }
}

/** Written beside, synced, renamed: a crash leaves the old file or the new one, never half of it. */
export async function saveTable(dataDir: string, table: StoredTable): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'table.json');
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(textOf(table));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** JSON of a `SavedTable`. */
function textOf(table: StoredTable): string {
  const members = { virtualHost: [] as string[], cluster: [] as string[], endpoints: [] as string[] };
  for (const item of table.items.values()) members[item.kind].push(memberOf(item));
  const { virtualHost, cluster, endpoints } = members;
  return `{"version":${table.version},"virtualHosts":{${virtualHost.join()}},"clusters":{${cluster.join()}},"endpoints":{${endpoints.join()}},"hashes":${JSON.stringify(holdingsOf(table))}}`;
}

/** Items are replaced, never changed, so that each is written as text once however often the table is saved. */
const members = new WeakMap<TableItem, string>();

function memberOf(item: TableItem): string {
  let member = members.get(item);
  if (member === undefined) {
    member = `${JSON.stringify(item.name)}:${JSON.stringify(item.value)}`;
    members.set(item, member);
  }
  return member;
}
