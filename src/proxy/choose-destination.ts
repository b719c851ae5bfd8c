/**
 * What becomes of a request by the table that is current when its head was read: forwarded to an endpoint, answered here, or
 * refused. This is the one place where the action of a matched route is looked at; everything behind it carries out the result.
 */

import { matchRoute } from '../mesh/table/match-route.ts';
import type { Failure } from './failure.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ClusterState, RouteState, ServedTable } from './served-table.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';

export type Forward = {
  kind: 'forward';
  route: RouteState;
  cluster: ClusterState;
  endpoint: EndpointState;
  /** Clusters that get a copy. */
  mirrors: readonly ClusterState[];
};

export type Destination =
  | Forward
  | { kind: 'answer'; route: RouteState; status: number; body: string }
  | { kind: 'failure'; failure: Failure; route: RouteState | undefined; cluster: ClusterState | undefined };

const NO_MIRRORS: readonly ClusterState[] = [];

/** @param random numbers in [0, 1) */
export function chooseDestination(table: ServedTable, head: RequestHead, random: () => number): Destination {
  const host = table.hosts.find(head.authority);
  const built = host === undefined ? undefined : matchRoute(host, head);
  const route = built === undefined ? undefined : table.routes.get(built);
  if (route === undefined) return fail({ kind: 'noRoute' });
  const { action } = route.route;
  switch (action.kind) {
    case 'directResponse':
      return { kind: 'answer', route, status: action.status, body: action.body };
    case 'forward': {
      const index = route.picker?.next() ?? 0;
      const cluster = table.clusters.get(action.clusters[index]?.cluster ?? '');
      if (cluster === undefined) return fail({ kind: 'noCluster' }, route);
      const endpoint = cluster.balancer.pick(cluster.endpoints);
      if (endpoint === undefined) return fail({ kind: 'noEndpoint' }, route, cluster);
      const mirrors = action.mirrors.length === 0 ? NO_MIRRORS : drawMirrors(table, action.mirrors, random);
      return { kind: 'forward', route, cluster, endpoint, mirrors };
    }
    default:
      return action satisfies never;
  }
}

function fail(failure: Failure, route?: RouteState, cluster?: ClusterState): Destination {
  return { kind: 'failure', failure, route, cluster };
}

function drawMirrors(
  table: ServedTable,
  mirrors: readonly { cluster: string; percent: number }[],
  random: () => number,
): readonly ClusterState[] {
  const drawn: ClusterState[] = [];
  for (const { cluster, percent } of mirrors) {
    const target = table.clusters.get(cluster);
    if (target !== undefined && random() * 100 < percent) drawn.push(target);
  }
  return drawn;
}
