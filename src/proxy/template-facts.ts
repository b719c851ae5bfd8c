/** What commands in header operations are told about a request. */

import { hostname } from 'node:os';
import type { RequestTold } from '../mesh/table/header-commands.ts';
import type { DataPath } from './data-path.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { HeaderEdits } from './header-edits.ts';
import type { RouteState } from './route-state.ts';
import type { ClusterState } from './upstream/cluster-state.ts';

export type ToldAbout = {
  head: RequestHead;
  remoteAddress: string;
  peerAddress: string;
  servicePort: number | undefined;
  route: RouteState | undefined;
  cluster: ClusterState | undefined;
  /** For operations on the answer, which are told of the request as it went upstream. */
  sent?: { path: string | undefined; edits: HeaderEdits | undefined };
};

const HOSTNAME = hostname();

export function requestTold({ clock }: DataPath, about: ToldAbout): RequestTold {
  const { head, sent, remoteAddress, peerAddress, servicePort, route, cluster } = about;
  return {
    field: (name) => setBy(sent?.edits, name) ?? fieldOf(about, name),
    path: sent?.path ?? head.path,
    requestId: head.requestId ?? '',
    startedAt: clock.now(),
    hostname: HOSTNAME,
    remoteAddress,
    peerAddress,
    servicePort,
    route: route?.route.name ?? '',
    cluster: cluster?.cluster.name,
  };
}

/** Fields and pseudo fields; also those that the proxy adds before it looks for a route. */
function fieldOf({ head, sent }: ToldAbout, name: string): string | undefined {
  switch (name) {
    case ':path':
      return sent?.path ?? head.path;
    case 'x-envoy-original-path':
      return sent?.path === undefined ? head.header(name) : head.path;
    case ':method':
      return head.method;
    case ':authority':
    case 'host':
      return head.authority;
    case ':scheme':
      return head.scheme;
    case 'x-forwarded-proto':
      return head.forwardedProto ?? 'http';
    default:
      return head.header(name);
  }
}

/** The value that an operation on the request gave to a field, as far as it is the same for all requests. */
function setBy(edits: HeaderEdits | undefined, name: string): string | undefined {
  const line = edits?.lines.split('\r\n').find((each) => each.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}
