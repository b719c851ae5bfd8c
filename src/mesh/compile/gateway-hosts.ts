/**
 * The virtual hosts of a gateway: for each port of the Gateways that select it, the hosts that server and VirtualService have in
 * common (istio.md §3.1 and §6). Unlike beside a caller, VirtualServices of one host are joined, and a host that none has is 404.
 */

import { perObject } from '../../lib/per-object.ts';
import { type Gateway, type GatewayServer, isPlainHttp, splitServerHost } from '../schema/gateway.ts';
import { isSubsetOf, qualifyHost } from '../schema/host-name.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Route, VirtualHost } from '../table/route-table.ts';
import { hidesLaterRules } from './compile-match.ts';
import { gatewayKeys } from './gateway-reference.ts';
import type { Reports } from './table-issue.ts';
import { byAge } from './virtual-service-index.ts';

export type GatewaySite = {
  gateways: readonly Gateway[];
  /** Of the proxy that is the gateway. */
  labels: Readonly<Record<string, string>>;
  /** That the gateway may see, the oldest first. */
  virtualServices: readonly VirtualService[];
  routesAt: (port: number, gateway: string) => (virtualService: VirtualService) => Route[];
  reports: Reports;
};

type Server = GatewayServer & { gateway: string; namespace: string };

export function gatewayHosts(site: GatewaySite): VirtualHost[] {
  const servers = selectGateways(site.gateways, site.labels).flatMap((gateway) => plainServers(gateway, site.reports));
  const byPort = Map.groupBy(servers, ({ port }) => port.number);
  return [...byPort].flatMap(([port, those]) => hostsOf(those, port, site));
}

/** Where a gateway with these labels is asked to listen. */
export function gatewayPorts(gateways: readonly Gateway[], labels: Readonly<Record<string, string>>): number[] {
  const servers = selectGateways(gateways, labels).flatMap(({ spec }) => spec.servers.filter(isPlainHttp));
  return [...new Set(servers.map(({ port }) => port.number))].sort((a, b) => a - b);
}

/** Those whose selector the labels fulfil, older first. */
function selectGateways(gateways: readonly Gateway[], labels: Readonly<Record<string, string>>): Gateway[] {
  return gateways
    .filter(({ spec }) => Object.entries(spec.selector ?? {}).every(([name, value]) => labels[name] === value))
    .sort(byAge);
}

function plainServers({ metadata, spec }: Gateway, reports: GatewaySite['reports']): Server[] {
  const report = reports.about('Gateway', metadata);
  const { name, namespace } = metadata;
  return spec.servers.flatMap((server, index) => {
    if (isPlainHttp(server)) return [{ ...server, gateway: `${namespace}/${name}`, namespace }];
    const { protocol } = server.port;
    report('SL0302', `spec.servers[${index}]`, `must be HTTP without TLS to be served: got ${protocol}, left out`);
    return [];
  });
}

function hostsOf(servers: readonly Server[], port: number, site: GatewaySite): VirtualHost[] {
  const routes = new Map<string, Route[]>();
  const redirected = new Set<string>();
  for (const server of servers) {
    const isRedirected = server.tls?.httpsRedirect === true;
    const routesOf = site.routesAt(port, server.gateway);
    for (const virtualService of site.virtualServices) {
      if (!gatewayKeys(virtualService).has(server.gateway)) continue;
      const hosts = commonHosts(server, virtualService);
      const added = hosts.length === 0 ? [] : routesOf(virtualService);
      for (const host of hosts) {
        const known = routes.get(host);
        if (known === undefined) routes.set(host, [...added]);
        else for (const route of added) known.push(route);
        if (isRedirected) redirected.add(host);
      }
    }
    if (isRedirected) for (const written of server.hosts) redirected.add(splitServerHost(written).host);
  }
  return [...new Set([...routes.keys(), ...redirected])].sort().map((host) => ({
    name: `${host}:${port}`,
    domains: [host],
    port,
    portDomains: [host],
    routes: [...(redirected.has(host) ? [TO_HTTPS] : []), ...catchAllsLast(routes.get(host) ?? [])],
  }));
}

/** What did not come by HTTPS goes there, as a trusted proxy before us may tell; the Host stays as it was sent, with its port. */
const TO_HTTPS: Route = {
  name: 'https-redirect',
  match: { withoutHeaders: { 'x-forwarded-proto': { kind: 'exact', value: 'https' } } },
  action: { kind: 'redirect', status: 301, scheme: 'https', keepsPort: true },
};

/** The narrower ones of the names that both have; a server may be for the VirtualServices of one namespace only. */
function commonHosts(server: Server, virtualService: VirtualService): string[] {
  const offered = server.hosts
    .map(splitServerHost)
    .filter(({ namespace }) => allows(namespace, server.namespace, virtualService.metadata.namespace))
    .map(({ host }) => host);
  const common = offered.flatMap((one) =>
    hostsInFull(virtualService).flatMap((other) =>
      isSubsetOf(one, other) ? [one] : isSubsetOf(other, one) ? [other] : [],
    ),
  );
  return [...new Set(common)];
}

const hostsInFull = perObject(({ metadata, spec }: VirtualService) =>
  (spec.hosts ?? []).map((host) => qualifyHost(host, metadata.namespace)),
);

function allows(written: string, ofGateway: string, ofVirtualService: string): boolean {
  return written === '*' || (written === '.' ? ofGateway : written) === ofVirtualService;
}

// Otherwise a rule of one VirtualService would hide all rules of the next.
function catchAllsLast(routes: readonly Route[]): Route[] {
  const isCatchAll = ({ match }: Route) => hidesLaterRules(match);
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}
