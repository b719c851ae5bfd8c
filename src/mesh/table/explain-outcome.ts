/** What a route does with a request, as data: the shares of its destinations, and everything that is changed on the way. */

import { buildCors } from './cors.ts';
import type { RequestHead } from './match-route.ts';
import { buildRedirect } from './redirect-location.ts';
import { buildPathRewriter } from './rewrite-path.ts';
import type { Cluster, Fault, HeaderOperations, RetryPolicy, Route, RouteTable } from './route-table.ts';

export type Outcome =
  | { kind: 'noRoute'; status: 404 }
  | { kind: 'directResponse'; status: number; body: string }
  | { kind: 'redirect'; status: number; location: string }
  /** A CORS preflight that the proxy answers itself. */
  | { kind: 'preflight'; status: 200; headers: Readonly<Record<string, string>> }
  | ({ kind: 'forward' } & Forward);

export type Forward = {
  destinations: readonly ExplainedDestination[];
  mirrors: readonly { cluster: string; percent: number }[];
  /** Path with query, as it goes upstream. */
  path: string;
  /** Host as it goes upstream. */
  authority: string;
  requestHeaders?: HeaderOperations;
  responseHeaders?: HeaderOperations;
  fault?: Fault;
  timeoutMs?: number;
  retry?: RetryPolicy;
};

export type ExplainedDestination = {
  cluster: string;
  /** Of the requests that this rule takes. */
  percent: number;
  /** Absent: there is no such service, port or subset, and the answer is 503. */
  policy?: Cluster;
  /** `host:port` of those that may be sent requests. */
  endpoints: readonly string[];
  /** Instead of the operations of the rule. */
  requestHeaders?: HeaderOperations;
  responseHeaders?: HeaderOperations;
};

export function explainOutcome(route: Route, head: RequestHead, table: RouteTable): Outcome {
  const preflight = route.cors === undefined ? undefined : buildCors(route.cors).preflight(head);
  if (preflight !== undefined) return { kind: 'preflight', status: 200, headers: Object.fromEntries(preflight) };
  const { action } = route;
  switch (action.kind) {
    case 'directResponse':
      return action;
    case 'redirect':
      return { kind: 'redirect', status: action.status, location: buildRedirect(action)(head) };
    case 'forward':
      return { kind: 'forward', ...forwardOf(route, action, head, table) };
    default:
      return action satisfies never;
  }
}

function forwardOf(
  route: Route,
  { clusters, mirrors }: Extract<Route['action'], { kind: 'forward' }>,
  head: RequestHead,
  table: RouteTable,
): Forward {
  const { rewrite, requestHeaders, responseHeaders, fault, timeoutMs, retry } = route;
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return {
    destinations: clusters.map(({ cluster, weight, ...headers }) => {
      const policy = table.clusters[cluster];
      const endpoints = (table.endpoints[cluster]?.endpoints ?? []).map(({ address }) => address);
      return { cluster, percent: percentOf(weight / total), ...(policy && { policy }), endpoints, ...headers };
    }),
    mirrors,
    path: (rewrite && buildPathRewriter(rewrite)(head.path)) ?? head.path,
    authority: route.authority ?? head.authority,
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    ...(fault && { fault }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry && { retry }),
  };
}

function percentOf(share: number): number {
  return Math.round(share * 10_000) / 100;
}
