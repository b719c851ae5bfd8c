/**
 * How a table travels from `discovery/` to the proxy's parent process: lines of JSON over a Unix socket on which the parent
 * listens. Only what changed is sent; `commit` makes everything sent since the last commit one new version, atomically.
 *
 *   proxy → discovery   hello {holds}                      what the proxy has, by name and content hash
 *   discovery → proxy   put … put … remove … commit {version}
 *   proxy → discovery   accepted {version} | refused {version, reason}
 *
 * `accepted` means: every live worker serves this version. After a reconnect discovery compares `holds` with its own table and
 * sends the difference. Versions only grow, across restarts of either side: discovery continues from `hello.version`.
 */

import type { Cluster, ClusterEndpoints, VirtualHost } from './route-table.ts';

export type TableItem =
  | { kind: 'virtualHost'; name: string; hash: string; value: VirtualHost }
  | { kind: 'cluster'; name: string; hash: string; value: Cluster }
  | { kind: 'endpoints'; name: string; hash: string; value: ClusterEndpoints };

export type TableItemKind = TableItem['kind'];

/** `virtualHost/web.default.svc.cluster.local:80` → content hash. */
export type Holdings = Readonly<Record<string, string>>;

export type ToProxy =
  | { type: 'put'; item: TableItem }
  | { type: 'remove'; kind: TableItemKind; name: string }
  | { type: 'commit'; version: number };

export type SkippedHost = { name: string; reason: string };

export type FromProxy =
  | { type: 'hello'; version: number; holds: Holdings }
  /** `skipped`: virtual hosts that cannot be served as they were sent; they answer as before. */
  | { type: 'accepted'; version: number; skipped?: readonly SkippedHost[] }
  | { type: 'refused'; version: number; reason: string };

/**
 * Workers whose parent is gone take requests for this long, by the table that they have: nobody can hand them another. Until then
 * what a proxy that connects again accepts is not yet served by every live worker.
 */
export const ORPHANS_SERVE_MS = 3_000;

export function holdingKey(kind: TableItemKind, name: string): string {
  return `${kind}/${name}`;
}
