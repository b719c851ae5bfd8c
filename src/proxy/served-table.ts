/**
 * The table that a worker serves. A change is made ready beside it in slices, and carried out in one turn of the event loop, so that no
 * request sees half of it. Only what changes is touched: a copy of a large table would cost more than most changes, and leave
 * tens of thousands of objects to the garbage collector, which stops everything. What belongs to a cluster (connections, load) or
 * to an unchanged split (its place in the block) lives on.
 */

import { HostIndex } from '../mesh/table/built-table.ts';
import type { SkippedHost } from '../mesh/table/handover.ts';
import type { Cluster, ClusterEndpoints } from '../mesh/table/route-table.ts';
import { type Described, type PreparedChange, prepareChange, type TableChange } from './prepare-change.ts';
import type { ServedHost } from './served-host.ts';
import { carryOver, type HostIndexes, indexHosts, isCarriedOver } from './served-indexes.ts';
import { Slices } from './slices.ts';
import { type ClusterSite, type ClusterState, nextClusterState } from './upstream/cluster-state.ts';

/** Read within one turn: its contents change when a change is published. */
export type ServedTable = HostIndexes & {
  readonly version: number;
  readonly clusters: ReadonlyMap<string, ClusterState>;
};

export type TableHolder = {
  readonly current: ServedTable;
  /**
   * Makes a change ready without serving it. A virtual host that cannot be built stays as it is, so that one bad resource
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
  const held: Described = {
    hosts: new Map<string, ServedHost>(),
    clusters: new Map<string, Cluster>(),
    endpoints: new Map<string, ClusterEndpoints>(),
  };
  const states = new Map<string, ClusterState>();
  let prepared: { change: PreparedChange; indexes: HostIndexes | undefined } | undefined;
  let current: ServedTable = {
    version: 0,
    hosts: new HostIndex(),
    portHosts: new Map(servicePorts.map((port) => [port, new HostIndex()])),
    clusters: states,
  };

  return {
    get current() {
      return current;
    },
    async prepare(change) {
      prepared = undefined;
      const slices = new Slices(nowMs, breathe);
      const { skipped, ...made } = await prepareChange(change, { ...options, held, states, slices });
      const indexes = isCarriedOver(held.hosts, made.hosts)
        ? undefined
        : await indexHosts(held.hosts, made.hosts, { servicePorts, slices });
      prepared = { change: made, indexes };
      return skipped;
    },
    publish() {
      if (prepared === undefined) return;
      const { change, indexes } = prepared;
      prepared = undefined;
      const { hosts, portHosts } = indexes ?? carryOver(current, held.hosts, change.hosts);
      merge(held.hosts, change.hosts);
      merge(held.clusters, change.clusters);
      merge(held.endpoints, change.endpoints);
      for (const name of new Set([...change.clusters.keys(), ...change.endpoints.keys()])) moveOn(name, change);
      current = { version: change.version, hosts, portHosts, clusters: states };
    },
  };

  /** Gives a cluster the state that fits its description. */
  function moveOn(name: string, change: PreparedChange): void {
    const before = states.get(name);
    const cluster = held.clusters.get(name);
    const now =
      cluster && (change.newStates.get(name) ?? nextClusterState(cluster, held.endpoints.get(name), before, options));
    if (now === undefined) states.delete(name);
    else states.set(name, now);
    retireLeft(before, now);
  }
}

function merge<V>(into: Map<string, V>, changes: ReadonlyMap<string, V | undefined>): void {
  for (const [name, value] of changes) {
    if (value === undefined) into.delete(name);
    else into.set(name, value);
  }
}

function retireLeft(before: ClusterState | undefined, now: ClusterState | undefined): void {
  const kept = new Set(now?.endpoints);
  for (const endpoint of before?.endpoints ?? []) if (!kept.has(endpoint)) endpoint.retire();
}
