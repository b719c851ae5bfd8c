/** A cluster as a worker serves it. What belongs to it and its endpoints lives on when a new table has the same ones. */

import type { Cluster, ClusterEndpoints, Endpoint } from '../../mesh/table/route-table.ts';
import { RequestSeries } from '../telemetry/request-series.ts';
import type { SeriesStore } from '../telemetry/series-store.ts';
import { ClusterLoad } from './cluster-load.ts';
import { type EndpointGroup, groupEndpoints } from './endpoint-groups.ts';
import { EndpointState } from './endpoint-state.ts';
import { eject, healthyEndpoints, setEjected } from './outliers.ts';

export type ClusterState = {
  cluster: Cluster;
  endpoints: readonly EndpointState[];
  /** Those that may be sent requests, and how they share them. */
  groups: readonly EndpointGroup<EndpointState>[];
  load: ClusterLoad;
  /** Where requests count that reached no endpoint. */
  series: RequestSeries;
};

export type ClusterSite = { random: () => number; nowMs: () => number; store: SeriesStore };

/** @param before the state of the cluster of this name in the table before; from here on it is the new table's */
export function nextClusterState(
  cluster: Cluster,
  endpoints: ClusterEndpoints | undefined,
  before: ClusterState | undefined,
  { random, nowMs, store }: ClusterSite,
): ClusterState {
  const load = before?.load ?? new ClusterLoad(cluster);
  load.cluster = cluster;
  const { name, service } = cluster;
  const tries = store.tries(name);
  const isSameService = isSame(before?.cluster.service, service);
  const known = new Map(before?.endpoints.map((endpoint) => [endpoint.address, endpoint]));
  const seriesOf = (endpoint: Endpoint) => new RequestSeries(store, { service, workload: endpoint.labels, tries });
  const stateOf = (endpoint: Endpoint): EndpointState => {
    const state = known.get(endpoint.address);
    if (state === undefined) return new EndpointState(endpoint, seriesOf(endpoint), load, nowMs());
    if (!isSameService || !isSame(state.endpoint.labels, endpoint.labels)) state.series = seriesOf(endpoint);
    state.endpoint = endpoint;
    return state;
  };
  const states = (endpoints?.endpoints ?? []).map(stateOf);
  return {
    cluster,
    load,
    endpoints: states,
    groups: groupsOf(cluster, states, (index) => before?.groups[index]?.turn ?? Math.floor(random() * states.length)),
    series:
      before !== undefined && isSameService
        ? before.series
        : new RequestSeries(store, { service, workload: undefined }),
  };
}

/** Takes the endpoint out, as far as this worker can tell. @returns whether it did, so that the parent has to be told */
export function ejectEndpoint(state: ClusterState, address: string): boolean {
  const { endpoints, cluster } = state;
  const endpoint = endpoints.find((each) => each.address === address);
  if (endpoint === undefined || cluster.outliers === undefined) return false;
  if (!eject(endpoint, endpoints, cluster.outliers)) return false;
  regroup(state);
  return true;
}

/** What the parent says about all endpoints. */
export function ejectExactly(state: ClusterState, addresses: readonly string[]): void {
  setEjected(state.endpoints, new Set(addresses));
  regroup(state);
}

function regroup(state: ClusterState): void {
  const { cluster, endpoints, groups } = state;
  state.groups = groupsOf(cluster, endpoints, (index) => groups[index]?.turn ?? 0);
}

function groupsOf(
  { outliers, localityWeights }: Cluster,
  endpoints: readonly EndpointState[],
  turnOf: (index: number) => number,
): EndpointGroup<EndpointState>[] {
  const groups = groupEndpoints(endpoints, healthyEndpoints(endpoints, outliers), localityWeights);
  for (const [index, group] of groups.entries()) group.turn = turnOf(index);
  return groups;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
