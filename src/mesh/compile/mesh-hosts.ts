/**
 * The virtual hosts of a proxy beside its callers: one for each HTTP port of every service, ruled by the VirtualService that governs
 * it, and those of names that only a VirtualService knows (istio.md §3.1).
 */

import type { Memo } from '../../lib/memo.ts';
import { coversHost } from '../schema/host-name.ts';
import type { RetriesSpec } from '../schema/http-route.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Route, VirtualHost } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { compileRetries } from './compile-retries.ts';
import type { Caller, MeshService } from './mesh-input.ts';
import type { OutboundScope } from './outbound-scope.ts';
import { isHttp } from './port-protocol.ts';
import { portDomains, serviceNames } from './service-domains.ts';
import type { VirtualServiceIndex } from './virtual-service-index.ts';

/** Port of hosts that only a VirtualService knows: Istio serves them there alone. */
const UNREGISTERED_PORT = 80;

export type MeshSite = {
  scope: OutboundScope;
  caller: Caller;
  /** Of the VirtualServices that are seen through a port. */
  indexAt: (port: number) => VirtualServiceIndex;
  retriesTo: (host: string) => RetriesSpec | undefined;
  routesAt: (entrance: MeshEntrance) => (virtualService: VirtualService) => Route[];
  /** The virtual host of a name with these routes. */
  namedHost: (host: string, port: number, routes: readonly Route[]) => VirtualHost;
  memo: ServiceHostsMemo;
};

/** By which requests come: to a service, to a port that a service does not have, or to a name that only a VirtualService knows. */
export type MeshEntrance = { way: 'service' | 'absentPort' | 'name'; port: number; portOf: (host: string) => number };

/** What the hosts of a service depend on, beside the service. */
export type ServiceSurroundings = {
  /** How many services have the name. */
  countOf: (name: string) => number;
  /** Through the port; it is a number. */
  isSeenAt: (port: string) => boolean;
  /** By which the VirtualService rules that governs the service there; empty without. */
  routesAt: (port: string) => readonly Route[];
  retriesTo: (host: string) => RetriesSpec | undefined;
};

export type ServiceHostsMemo = Memo<MeshService, ServiceSurroundings, VirtualHost[]>;

export function meshHosts(site: MeshSite): VirtualHost[] {
  const { services, lastHost } = site.scope;
  const counts = new Map<string, number>();
  for (const { name } of services) counts.set(name, (counts.get(name) ?? 0) + 1);
  const routesAt = routesOfPorts(site);
  const registered = services.flatMap((service) => {
    const surroundings: ServiceSurroundings = {
      countOf: (name) => counts.get(name) ?? 0,
      isSeenAt: (port) => site.scope.at(Number(port)).seesService(service),
      routesAt: (port) => routesAt(Number(port), service),
      retriesTo: site.retriesTo,
    };
    return site.memo.of(service, surroundings, (_, asked) => hostsOfService(service, asked, site.caller));
  });
  return [...registered, ...unregisteredHosts(site), ...(lastHost === undefined ? [] : [lastHost])];
}

function routesOfPorts({ indexAt, routesAt }: MeshSite): (port: number, service: MeshService) => readonly Route[] {
  const byPort = new Map<number, (virtualService: VirtualService) => Route[]>();
  return (port, { host }) => {
    const governor = indexAt(port).find(host);
    if (governor === undefined) return [];
    const routesOf = byPort.get(port) ?? routesAt({ way: 'service', port, portOf: () => port });
    byPort.set(port, routesOf);
    return routesOf(governor);
  };
}

function hostsOfService(service: MeshService, asked: ServiceSurroundings, caller: Caller): VirtualHost[] {
  const names = serviceNames(service, { sameName: asked.countOf(service.name), caller });
  const ports = service.ports.filter(({ protocol, number }) => isHttp(protocol) && asked.isSeenAt(String(number)));
  return ports.map(({ number }, position) => {
    const ruled = asked.routesAt(String(number));
    return {
      name: `${service.host}:${number}`,
      domains: portDomains(names, number, position === 0),
      port: number,
      portDomains: names,
      routes: ruled.length > 0 ? ruled : [defaultRoute(service, number, asked.retriesTo(service.host))],
    };
  });
}

function defaultRoute({ host }: MeshService, port: number, retries: RetriesSpec | undefined): Route {
  const clusters = [{ cluster: clusterName({ host, port }), weight: 100 }];
  return { name: 'default', action: { kind: 'forward', clusters, mirrors: [] }, retry: compileRetries(retries) };
}

function unregisteredHosts({ scope: { services }, indexAt, routesAt, namedHost }: MeshSite): VirtualHost[] {
  const byHost = new Map(services.map((service) => [service.host, service]));
  const served = services.filter(({ ports }) => ports.some(({ number }) => number === UNREGISTERED_PORT));
  const names = new Set(served.map(({ host }) => host));
  const isServed = (host: string) =>
    host.startsWith('*') ? served.some((service) => coversHost(host, service.host)) : names.has(host);
  const portOf = (host: string) => onlyHttpPort(byHost.get(host)) ?? UNREGISTERED_PORT;
  const routesOf = routesAt({ way: 'name', port: UNREGISTERED_PORT, portOf });
  const routesOfService = routesAt({ way: 'absentPort', port: UNREGISTERED_PORT, portOf: () => UNREGISTERED_PORT });
  const hosts: VirtualHost[] = [];
  for (const [host, virtualService] of indexAt(UNREGISTERED_PORT).governors) {
    const routes = isServed(host) ? [] : (byHost.has(host) ? routesOfService : routesOf)(virtualService);
    if (routes.length > 0) hosts.push(namedHost(host, UNREGISTERED_PORT, routes));
  }
  return hosts;
}

function onlyHttpPort(service: MeshService | undefined): number | undefined {
  const ports = service?.ports.filter(({ protocol }) => isHttp(protocol));
  return ports?.length === 1 ? ports[0]?.number : undefined;
}
