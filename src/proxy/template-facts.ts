/** What commands in header operations are told about a request. */

import { hostname } from 'node:os';
import type { RequestTold } from '../mesh/table/header-commands.ts';
import type { DataPath } from './data-path.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { RouteState } from './route-state.ts';
import type { ClusterState } from './upstream/cluster-state.ts';

export type ToldAbout = {
  head: RequestHead;
  requestId: string;
  remoteAddress: string;
  servicePort: number | undefined;
  route: RouteState | undefined;
  cluster: ClusterState | undefined;
};

const HOSTNAME = hostname();

export function requestTold({ clock }: DataPath, about: ToldAbout): RequestTold {
  const { head, requestId, remoteAddress, servicePort, route, cluster } = about;
  return {
    field: (name) => fieldOf(about, name),
    path: head.path,
    requestId,
    startedAt: clock.now(),
    hostname: HOSTNAME,
    remoteAddress,
    servicePort,
    route: route?.route.name ?? '',
    cluster: cluster?.cluster.name,
  };
}

/** Fields and pseudo fields; also those that the proxy adds before it looks for a route. */
function fieldOf({ head, requestId }: ToldAbout, name: string): string | undefined {
  switch (name) {
    case ':path':
      return head.path;
    case ':method':
      return head.method;
    case ':authority':
    case 'host':
      return head.authority;
    case ':scheme':
      return head.scheme;
    case 'x-request-id':
      return requestId;
    case 'x-forwarded-proto':
      return head.forwardedProto ?? head.scheme;
    default:
      return head.header(name);
  }
}
