/** A change of the table made ready to be served, in slices, while requests are served by the table as it is. */

import { messageOf } from '../lib/errors.ts';
import type { SkippedHost, TableItem, TableItemKind } from '../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints } from '../mesh/table/route-table.ts';
import { buildServedHost, type ServedHost } from './served-host.ts';
import type { Slices } from './slices.ts';
import { type ClusterSite, type ClusterState, nextClusterState } from './upstream/cluster-state.ts';

/** Changes to a table: whole items by name, and names that are gone. */
export type TableChange = {
  version: number;
  puts: readonly TableItem[];
  removes: readonly { kind: TableItemKind; name: string }[];
};

/** What a table consists of, by name. */
export type Described = {
  hosts: Map<string, ServedHost>;
  clusters: Map<string, Cluster>;
  endpoints: Map<string, ClusterEndpoints>;
};

/** By name; `undefined` is gone. */
export type PreparedChange = {
  version: number;
  hosts: ReadonlyMap<string, ServedHost | undefined>;
  clusters: ReadonlyMap<string, Cluster | undefined>;
  endpoints: ReadonlyMap<string, ClusterEndpoints | undefined>;
  /** Of clusters that are not served yet; the state of the others is theirs until the change is published. */
  newStates: ReadonlyMap<string, ClusterState>;
};

export type ChangeSite = ClusterSite & {
  held: Described;
  /** Of clusters that are served. */
  states: ReadonlyMap<string, ClusterState>;
  slices: Slices;
};

export async function prepareChange(
  { version, puts, removes }: TableChange,
  site: ChangeSite,
): Promise<PreparedChange & { skipped: SkippedHost[] }> {
  const { held, slices } = site;
  const hosts = new Map<string, ServedHost | undefined>();
  const clusters = new Map<string, Cluster | undefined>();
  const endpoints = new Map<string, ClusterEndpoints | undefined>();
  const skipped: SkippedHost[] = [];
  const byKind = { virtualHost: hosts, cluster: clusters, endpoints };
  for (const { kind, name } of removes) byKind[kind].set(name, undefined);
  for (const item of puts) {
    if (slices.isOver) await slices.next();
    if (item.kind === 'cluster') clusters.set(item.name, item.value);
    else if (item.kind === 'endpoints') endpoints.set(item.name, item.value);
    else {
      try {
        hosts.set(item.name, await buildServedHost(item.value, held.hosts.get(item.name), site));
      } catch (thrown) {
        skipped.push({ name: item.name, reason: messageOf(thrown) });
      }
    }
  }
  return { version, hosts, clusters, endpoints, newStates: await newStates(clusters, endpoints, site), skipped };
}

async function newStates(
  clusters: PreparedChange['clusters'],
  endpoints: PreparedChange['endpoints'],
  site: ChangeSite,
): Promise<Map<string, ClusterState>> {
  const made = new Map<string, ClusterState>();
  for (const [name, cluster] of clusters) {
    if (site.slices.isOver) await site.slices.next();
    if (cluster === undefined || site.states.has(name)) continue;
    const places = endpoints.has(name) ? endpoints.get(name) : site.held.endpoints.get(name);
    made.set(name, nextClusterState(cluster, places, undefined, site));
  }
  return made;
}
