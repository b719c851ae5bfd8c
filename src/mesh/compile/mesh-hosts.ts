/**
 * The virtual hosts of a proxy beside its callers: one for each HTTP port of every service, ruled by the VirtualService that governs
 * it, and those of names that only a VirtualService knows (istio.md §3.1).
 */

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
  routesOf: (virtualService: VirtualService, port: number, portOf: (host: string) => number) => Route[];
};

export function meshHosts(site: MeshSite): VirtualHost[] {
  const { services, lastHost } = site.scope;
  const counts = Map.groupBy(services, ({ name }) => name);
  const registered = services.flatMap((service) =>
    hostsOfService(service, counts.get(service.name)?.length ?? 1, site),
  );
  return [...registered, ...unregisteredHosts(site), ...(lastHost === undefined ? [] : [lastHost])];
}

function hostsOfService(
  service: MeshService,
  sameName: number,
  { scope, caller, indexAt, retriesTo, routesOf }: MeshSite,
): VirtualHost[] {
  const names = serviceNames(service, { sameName, caller });
  const ports = service.ports.filter(
    ({ protocol, number }) => isHttp(protocol) && scope.at(number).seesService(service),
  );
  return ports.map(({ number }, position) => {
    const governor = indexAt(number).find(service.host);
    const ruled = governor === undefined ? [] : routesOf(governor, number, () => number);
    return {
      name: `${service.host}:${number}`,
      domains: portDomains(names, number, position === 0),
      port: number,
      portDomains: names,
      routes: ruled.length > 0 ? ruled : [defaultRoute(service, number, retriesTo(service.host))],
    };
  });
}

function defaultRoute({ host }: MeshService, port: number, retries: RetriesSpec | undefined): Route {
  const clusters = [{ cluster: clusterName({ host, port }), weight: 100 }];
  return { name: 'default', action: { kind: 'forward', clusters, mirrors: [] }, retry: compileRetries(retries) };
}

function unregisteredHosts({ scope: { services }, indexAt, routesOf }: MeshSite): VirtualHost[] {
  const registered = new Set(services.map(({ host }) => host));
  const isRegistered = (host: string) =>
    host.startsWith('*') ? services.some((service) => coversHost(host, service.host)) : registered.has(host);
  const portOf = (host: string) => onlyHttpPort(services, host) ?? UNREGISTERED_PORT;
  return indexAt(UNREGISTERED_PORT)
    .entries()
    .flatMap(({ host, virtualService }) => {
      const routes = isRegistered(host) ? [] : routesOf(virtualService, UNREGISTERED_PORT, portOf);
      if (routes.length === 0) return [];
      const name = `${host}:${UNREGISTERED_PORT}`;
      return [{ name, domains: [host], port: UNREGISTERED_PORT, portDomains: [host], routes }];
    });
}

function onlyHttpPort(services: readonly MeshService[], host: string): number | undefined {
  const ports = services.find((service) => service.host === host)?.ports.filter(({ protocol }) => isHttp(protocol));
  return ports?.length === 1 ? ports[0]?.number : undefined;
}
