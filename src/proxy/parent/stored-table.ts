/** The table as the parent keeps it: items by key, in memory and in `table.json`, which is replaced atomically. */

import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { perObject } from '../../lib/per-object.ts';
import { type Holdings, holdingKey, type TableItem } from '../../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints, RouteTable, VirtualHost } from '../../mesh/table/route-table.ts';
import type { TableChange } from '../prepare-change.ts';

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
    for (const piece of piecesOf(table)) await file.appendFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** A large table is written in pieces, so that the parent can do other things in between. */
const PIECE_LENGTH = 65_536;

/** JSON of a `SavedTable`. */
function* piecesOf({ version, items }: StoredTable): Generator<string> {
  const kinds = { virtualHost: [] as TableItem[], cluster: [] as TableItem[], endpoints: [] as TableItem[] };
  for (const item of items.values()) kinds[item.kind].push(item);
  yield `{"version":${version},"virtualHosts":{`;
  yield* joined(kinds.virtualHost, memberOf);
  yield '},"clusters":{';
  yield* joined(kinds.cluster, memberOf);
  yield '},"endpoints":{';
  yield* joined(kinds.endpoints, memberOf);
  yield '},"hashes":{';
  yield* joined([...items.values()], hashMemberOf);
  yield '}}';
}

function* joined(items: readonly TableItem[], textOf: (item: TableItem) => string): Generator<string> {
  let piece = '';
  for (const [index, item] of items.entries()) {
    piece += index === 0 ? textOf(item) : `,${textOf(item)}`;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

// Items are replaced, never changed, so that each is written as text once however often the table is saved.
const memberOf = perObject(({ name, value }: TableItem) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
const hashMemberOf = perObject(
  ({ kind, name, hash }: TableItem) => `${JSON.stringify(holdingKey(kind, name))}:${JSON.stringify(hash)}`,
);
