/**
 * What becomes of a request by the table that is current when its head was read: forwarded to an endpoint, answered here, or
 * refused. This is the one place where the action of a matched route is looked at; everything behind it carries out the result.
 */

import { matchRoute } from '../mesh/table/built-table.ts';
import { CORS_RESPONSE_FIELDS } from '../mesh/table/cors.ts';
import type { Failure } from './failure.ts';
import type { RequestHead } from './h1/request-head.ts';
import { type HeaderEdits, joinEdits, replacingEdits } from './header-edits.ts';
import { pickEndpoint } from './pick-endpoint.ts';
import type { RouteState } from './route-state.ts';
import type { ServedTable } from './served-table.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import type { ProxyRole } from './worker-messages.ts';

/** What all destinations of a matched route have. */
type Routed = {
  route: RouteState;
  /** Injected before anything else happens; 0 is none. */
  delayMs: number;
  responseEdits: HeaderEdits | undefined;
};

export type Forward = Routed & {
  kind: 'forward';
  cluster: ClusterState;
  endpoint: EndpointState;
  /** By which the endpoint was chosen, if the cluster hashes and the request has one. */
  hashKey: string | undefined;
  requestEdits: HeaderEdits | undefined;
  /** Path with query as it goes upstream; absent: as received. */
  path: string | undefined;
  /** Clusters that get a copy. */
  mirrors: readonly ClusterState[];
};

export type Answer = Routed & { kind: 'answer'; status: number; body: string; details: string; flags: '-' | 'FI' };

export type Destination =
  | Forward
  | Answer
  | (Partial<Routed> & { kind: 'failure'; failure: Failure; cluster: ClusterState | undefined });

export type RequestSite = {
  /** The port of the services that the listener stands for. */
  servicePort: number | undefined;
  role: ProxyRole;
  remoteAddress: string;
  nowMs: number;
  /** Numbers in [0, 1). */
  random: () => number;
};

const ABORT_BODY = 'fault filter abort';
const NO_MIRRORS: readonly ClusterState[] = [];

export function chooseDestination(table: ServedTable, head: RequestHead, site: RequestSite): Destination {
  const hosts = site.servicePort === undefined ? table.hosts : table.portHosts.get(site.servicePort);
  const host = hosts?.find(head.authority);
  const route = host === undefined ? undefined : matchRoute(host, head);
  if (route !== undefined) return faultOf(route, head, site) ?? actOn(table, route, head, site);
  // Beside a caller, a name that nobody has is a place outside the mesh, to which there is no way here.
  const isOutside = host === undefined && site.role === 'sidecar';
  return { kind: 'failure', failure: { kind: isOutside ? 'noEndpoint' : 'noRoute' }, cluster: undefined };
}

// Faults come before everything else, and are not told to other origins (envoy-facts: CORS).
function faultOf(route: RouteState, head: RequestHead, site: RequestSite): Answer | undefined {
  const abort = route.fault?.abort;
  if (abort === undefined || site.random() * 100 >= abort.percent) return undefined;
  const ownEdits = route.edits.response;
  const isGrpc = abort.grpcStatus !== undefined && head.header('content-type')?.startsWith('application/grpc') === true;
  const responseEdits = isGrpc ? joinEdits(grpcEdits(abort.grpcStatus ?? 0), ownEdits) : ownEdits;
  const body = isGrpc ? '' : ABORT_BODY;
  const routed = { route, delayMs: delayOf(route, site), responseEdits };
  return { kind: 'answer', ...routed, status: abort.status, body, details: 'fault_filter_abort', flags: 'FI' };
}

function grpcEdits(status: number): HeaderEdits {
  return replacingEdits(
    [],
    [
      ['content-type', 'application/grpc'],
      ['grpc-status', String(status)],
      ['grpc-message', ABORT_BODY],
    ],
  );
}

function delayOf({ fault }: RouteState, { random }: RequestSite): number {
  return fault?.delay !== undefined && random() * 100 < fault.delay.percent ? fault.delay.delayMs : 0;
}

function actOn(table: ServedTable, route: RouteState, head: RequestHead, site: RequestSite): Destination {
  const { action } = route;
  switch (action.kind) {
    case 'directResponse': {
      const responseEdits = route.edits.response;
      const { status, body } = action;
      return { kind: 'answer', route, delayMs: 0, responseEdits, status, body, details: 'direct_response', flags: '-' };
    }
    case 'redirect': {
      const location = route.location?.({ scheme: head.scheme, authority: head.authority, path: head.path }) ?? '/';
      const edits = replacingEdits([], [['location', location]]);
      const responseEdits = joinEdits(edits, route.edits.response);
      const { status } = action;
      return {
        kind: 'answer',
        route,
        delayMs: 0,
        responseEdits,
        status,
        body: '',
        details: 'direct_response',
        flags: '-',
      };
    }
    case 'forward':
      return preflightAnswer(route, head, site) ?? forward(table, route, head, site);
    default:
      return action satisfies never;
  }
}

function preflightAnswer(route: RouteState, head: RequestHead, site: RequestSite): Answer | undefined {
  const headers = route.cors?.preflight(head);
  if (headers === undefined) return undefined;
  const routed = { route, delayMs: delayOf(route, site), responseEdits: replacingEdits([], headers) };
  return { kind: 'answer', ...routed, status: 200, body: '', details: 'cors_response', flags: '-' };
}

function forward(table: ServedTable, route: RouteState, head: RequestHead, site: RequestSite): Destination {
  const { action } = route;
  if (action.kind !== 'forward') return { kind: 'failure', failure: { kind: 'noRoute' }, cluster: undefined };
  const index = route.picker?.next() ?? 0;
  const edits = route.clusterEdits.get(index) ?? route.edits;
  const allowed = route.cors?.response(head);
  const corsEdits = allowed === undefined ? undefined : replacingEdits(CORS_RESPONSE_FIELDS, allowed);
  // What other origins may see is said last (envoy-facts: CORS).
  const responseEdits = joinEdits(edits.response, corsEdits);
  const delayMs = route.fault === undefined ? 0 : delayOf(route, site);
  const cluster = table.clusters.get(action.clusters[index]?.cluster ?? '');
  if (cluster === undefined) {
    return { kind: 'failure', route, delayMs, responseEdits, failure: { kind: 'noCluster' }, cluster };
  }
  const { endpoint, cookie, hashKey } = pickEndpoint(cluster, head, site);
  if (endpoint === undefined) {
    return { kind: 'failure', route, delayMs, responseEdits, failure: { kind: 'noEndpoint' }, cluster };
  }
  return {
    kind: 'forward',
    route,
    delayMs,
    responseEdits: joinEdits(responseEdits, cookie),
    cluster,
    endpoint,
    hashKey,
    requestEdits: edits.request,
    path: route.rewriter?.(head.path),
    mirrors: action.mirrors.length === 0 ? NO_MIRRORS : drawMirrors(table, action.mirrors, site.random),
  };
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
