/**
 * The table that a worker serves. A new one is built beside it in slices and published in one assignment, for which only what
 * changed is looked at; what belongs to a cluster (connections, load) or to an unchanged split (its place in the block) lives on.
 */

import { messageOf } from '../lib/errors.ts';
import { domainsOnPort, HostIndex } from '../mesh/table/built-table.ts';
import type { SkippedHost, TableItem, TableItemKind } from '../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints } from '../mesh/table/route-table.ts';
import { buildServedHost, type ServedHost } from './served-host.ts';
import { Slices } from './slices.ts';
import { type ClusterSite, type ClusterState, nextClusterState } from './upstream/cluster-state.ts';

export type ServedTable = {
  readonly version: number;
  readonly hosts: HostIndex<ServedHost>;
  /** For listeners that stand for one port of the services. */
  readonly portHosts: ReadonlyMap<number, HostIndex<ServedHost>>;
  readonly clusters: ReadonlyMap<string, ClusterState>;
};

/** Changes to a table: whole items by name, and names that are gone. */
export type TableChange = {
  version: number;
  puts: readonly TableItem[];
  removes: readonly { kind: TableItemKind; name: string }[];
};

/** A table while it is made. */
type Prepared = {
  version: number;
  hosts: Map<string, ServedHost>;
  clusters: Map<string, Cluster>;
  endpoints: Map<string, ClusterEndpoints>;
  states: Map<string, ClusterState>;
  /** Clusters whose state is made when the table is published, because it is the served one's until then. */
  changed: Set<string>;
};

type Base = Pick<Prepared, 'hosts' | 'clusters' | 'endpoints'>;

export type TableHolder = {
  readonly current: ServedTable;
  /**
   * Builds the changed table without serving it. A virtual host that cannot be built stays as it is, so that one bad resource
   * never holds up the others.
   *
   * @returns the virtual hosts of which that is true
   */
  prepare(change: TableChange): Promise<SkippedHost[]>;
  /** Serves what was prepared last. */
  publish(): void;
};

export type TableHolderOptions = ClusterSite & {
  /** Ports of services that have listeners of their own. */
  servicePorts?: readonly number[];
  /** Lets other work run between two slices of building. */
  breathe: () => Promise<void>;
};

export function createTableHolder(options: TableHolderOptions): TableHolder {
  const { nowMs, breathe, servicePorts = [] } = options;
  let base: Base = { hosts: new Map(), clusters: new Map(), endpoints: new Map() };
  let prepared: { next: Prepared; table: ServedTable } | undefined;
  let current: ServedTable = { version: 0, hosts: new HostIndex(), portHosts: new Map(), clusters: new Map() };

  return {
    get current() {
      return current;
    },
    async prepare(change) {
      prepared = undefined;
      const slices = new Slices(nowMs, breathe);
      const next = await copyOf(base, current, change.version, slices);
      const skipped = await applyChange(next, change, { ...options, before: current.clusters, slices });
      const indexes = await indexHosts(next.hosts, servicePorts, slices);
      prepared = { next, table: { version: change.version, clusters: next.states, ...indexes } };
      return skipped;
    },
    publish() {
      if (prepared === undefined) return;
      const { next, table } = prepared;
      for (const name of next.changed) moveOn(name, next, options);
      for (const name of next.changed) retireLeft(current.clusters.get(name), table.clusters.get(name));
      current = table;
      base = next;
      prepared = undefined;
    },
  };
}

async function copyOf(base: Base, { clusters }: ServedTable, version: number, slices: Slices): Promise<Prepared> {
  const copied = async <V>(map: ReadonlyMap<string, V>): Promise<Map<string, V>> => {
    if (slices.isOver) await slices.next();
    return new Map(map);
  };
  return {
    version,
    hosts: await copied(base.hosts),
    clusters: await copied(base.clusters),
    endpoints: await copied(base.endpoints),
    states: await copied(clusters),
    changed: new Set(),
  };
}

type Site = TableHolderOptions & { before: ReadonlyMap<string, ClusterState>; slices: Slices };

async function applyChange(next: Prepared, { puts, removes }: TableChange, site: Site): Promise<SkippedHost[]> {
  const { slices, before } = site;
  const skipped: SkippedHost[] = [];
  for (const { kind, name } of removes) {
    mapOf(next, kind).delete(name);
    if (kind !== 'virtualHost') next.changed.add(name);
  }
  for (const item of puts) {
    if (slices.isOver) await slices.next();
    if (item.kind !== 'virtualHost') {
      mapOf(next, item.kind).set(item.name, item.value);
      next.changed.add(item.name);
      continue;
    }
    try {
      next.hosts.set(item.name, await buildServedHost(item.value, next.hosts.get(item.name), site));
    } catch (thrown) {
      skipped.push({ name: item.name, reason: messageOf(thrown) });
    }
  }
  for (const name of next.changed) {
    if (slices.isOver) await slices.next();
    if (before.has(name)) continue;
    moveOn(name, next, site);
    next.changed.delete(name);
  }
  return skipped;
}

/** Gives a cluster the state that fits its description. */
function moveOn(name: string, { clusters, endpoints, states }: Prepared, site: TableHolderOptions): void {
  const cluster = clusters.get(name);
  if (cluster === undefined) states.delete(name);
  else states.set(name, nextClusterState(cluster, endpoints.get(name), states.get(name), site));
}

function retireLeft(before: ClusterState | undefined, now: ClusterState | undefined): void {
  const kept = new Set(now?.endpoints);
  for (const endpoint of before?.endpoints ?? []) if (!kept.has(endpoint)) endpoint.retire();
}

async function indexHosts(
  served: ReadonlyMap<string, ServedHost>,
  servicePorts: readonly number[],
  slices: Slices,
): Promise<Pick<ServedTable, 'hosts' | 'portHosts'>> {
  const hosts = new HostIndex<ServedHost>();
  const portHosts = new Map(servicePorts.map((port) => [port, new HostIndex<ServedHost>()]));
  for (const host of served.values()) {
    if (slices.isOver) await slices.next();
    hosts.add(host, host.domains);
    for (const [port, index] of portHosts) index.add(host, domainsOnPort(host, port));
  }
  return { hosts, portHosts };
}

function mapOf(next: Base, kind: TableItemKind): Map<string, unknown> {
  switch (kind) {
    case 'virtualHost':
      return next.hosts;
    case 'cluster':
      return next.clusters;
    case 'endpoints':
      return next.endpoints;
    default:
      return kind satisfies never;
  }
}
