/**
 * The table that a worker serves. A new one is built beside it in slices and published in one assignment; what belongs to a
 * cluster (connections, load) or to an unchanged split (its place in the block) lives on.
 */

import { messageOf } from '../lib/errors.ts';
import { type BuiltVirtualHost, buildVirtualHost, HostIndex, hostsOfPort } from '../mesh/table/built-table.ts';
import type { SkippedHost, TableItem, TableItemKind } from '../mesh/table/handover.ts';
import type { BuiltRoute } from '../mesh/table/match-route.ts';
import type { BlockPicker } from '../mesh/table/pick-cluster.ts';
import type { Cluster, ClusterEndpoints, Route } from '../mesh/table/route-table.ts';
import { buildRouteState, type RouteState } from './route-state.ts';
import type { SeriesStore } from './telemetry/series-store.ts';
import { type ClusterSite, type ClusterState, nextClusterState } from './upstream/cluster-state.ts';

export type ServedTable = {
  readonly version: number;
  readonly hosts: HostIndex;
  /** For listeners that stand for one port of the services. */
  readonly portHosts: ReadonlyMap<number, HostIndex>;
  readonly routes: ReadonlyMap<BuiltRoute, RouteState>;
  readonly clusters: ReadonlyMap<string, ClusterState>;
};

/** Changes to a table: whole items by name, and names that are gone. */
export type TableChange = {
  version: number;
  puts: readonly TableItem[];
  removes: readonly { kind: TableItemKind; name: string }[];
};

type Built = {
  version: number;
  hosts: Map<string, { built: BuiltVirtualHost; routes: Map<BuiltRoute, RouteState> }>;
  clusters: Map<string, Cluster>;
  endpoints: Map<string, ClusterEndpoints>;
};

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

export function createTableHolder(options: {
  random: () => number;
  /** Monotonic. */
  nowMs: () => number;
  store: SeriesStore;
  /** Ports of services that have listeners of their own. */
  servicePorts?: readonly number[];
  /** Lets other work run between two slices of building. */
  breathe: () => Promise<void>;
}): TableHolder {
  const { random, nowMs, store, breathe, servicePorts = [] } = options;
  let base: Built = { version: 0, hosts: new Map(), clusters: new Map(), endpoints: new Map() };
  let prepared: Built | undefined;
  let current: ServedTable = {
    version: 0,
    hosts: new HostIndex([]),
    portHosts: new Map(),
    routes: new Map(),
    clusters: new Map(),
  };

  return {
    get current() {
      return current;
    },
    async prepare({ version, puts, removes }) {
      const next: Built = {
        version,
        hosts: new Map(base.hosts),
        clusters: new Map(base.clusters),
        endpoints: new Map(base.endpoints),
      };
      const skipped: SkippedHost[] = [];
      for (const { kind, name } of removes) mapOf(next, kind).delete(name);
      for (const item of puts) {
        if (item.kind === 'virtualHost') {
          await breathe();
          try {
            next.hosts.set(item.name, buildHost(item.name, item.value, base, random));
          } catch (thrown) {
            skipped.push({ name: item.name, reason: messageOf(thrown) });
          }
        } else if (item.kind === 'cluster') next.clusters.set(item.name, item.value);
        else next.endpoints.set(item.name, item.value);
      }
      prepared = next;
      return skipped;
    },
    publish() {
      if (prepared === undefined) return;
      current = serve(prepared, current, { random, nowMs, store, servicePorts });
      base = prepared;
      prepared = undefined;
    },
  };
}

function mapOf(built: Built, kind: TableItemKind): Map<string, unknown> {
  switch (kind) {
    case 'virtualHost':
      return built.hosts;
    case 'cluster':
      return built.clusters;
    case 'endpoints':
      return built.endpoints;
    default:
      return kind satisfies never;
  }
}

function buildHost(name: string, value: Parameters<typeof buildVirtualHost>[0], base: Built, random: () => number) {
  const built = buildVirtualHost(value);
  const before = new Map<string, BlockPicker | undefined>();
  for (const state of base.hosts.get(name)?.routes.values() ?? []) before.set(splitKey(state.route), state.picker);
  const routes = new Map<BuiltRoute, RouteState>();
  for (const builtRoute of built.routes) {
    const { route } = builtRoute;
    routes.set(builtRoute, buildRouteState(route, before.get(splitKey(route)), random));
  }
  return { built, routes };
}

function splitKey({ name, action }: Route): string {
  return JSON.stringify([
    name,
    action.kind === 'forward' ? action.clusters.map(({ cluster, weight }) => [cluster, weight]) : null,
  ]);
}

type Shared = ClusterSite & { servicePorts: readonly number[] };

function serve(built: Built, before: ServedTable, shared: Shared): ServedTable {
  const clusters = new Map<string, ClusterState>();
  for (const [name, cluster] of built.clusters) {
    clusters.set(name, nextClusterState(cluster, built.endpoints.get(name), before.clusters.get(name), shared));
  }
  for (const [name, state] of before.clusters) {
    const kept = new Set(clusters.get(name)?.endpoints);
    for (const endpoint of state.endpoints) if (!kept.has(endpoint)) endpoint.retire();
  }
  const routes = new Map<BuiltRoute, RouteState>();
  for (const host of built.hosts.values()) for (const [route, state] of host.routes) routes.set(route, state);
  const hosts = [...built.hosts.values()].map((host) => host.built);
  return {
    version: built.version,
    hosts: new HostIndex(hosts),
    portHosts: new Map(shared.servicePorts.map((port) => [port, hostsOfPort(hosts, port)])),
    routes,
    clusters,
  };
}
