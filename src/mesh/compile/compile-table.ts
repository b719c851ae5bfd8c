/**
 * From services and Istio's resources to the route table. Pure and deterministic: the same input gives the same table,
 * whatever the order of its lists, so that content hashes tell what changed.
 */

import type { RetriesSpec } from '../schema/http-route.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Cluster, ClusterEndpoints, Route, RouteTable, VirtualHost } from '../table/route-table.ts';
import { compileClusters } from './compile-clusters.ts';
import { compileRoutes } from './compile-routes.ts';
import { destinationPolicies, reportUnservedPolicy } from './destination-policy.ts';
import { expandDelegates } from './expand-delegates.ts';
import { gatewayHosts } from './gateway-hosts.ts';
import { MESH } from './gateway-reference.ts';
import { meshHosts } from './mesh-hosts.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';
import { createReports, type TableIssue } from './table-issue.ts';
import { byAge, indexVirtualServices } from './virtual-service-index.ts';
import { isVisibleIn } from './visibility.ts';

export type CompiledTable = { table: Omit<RouteTable, 'version'>; issues: TableIssue[] };

type Upstreams = Pick<RouteTable, 'clusters' | 'endpoints'>;

export function compileTable(input: MeshInput): CompiledTable {
  const { caller = {} } = input;
  const reports = createReports();
  const services = visibleServices(input);
  for (const rule of input.destinationRules)
    reportUnservedPolicy(rule, { report: reports.about('DestinationRule', rule.metadata), caller });
  const upstreams = compileUpstreams(services, input);
  const virtualServices = expandDelegates(input.virtualServices, reports).filter((one) =>
    isVisibleIn(one, caller.namespace),
  );
  const world = { services, virtualServices, reports, clusters: upstreams.clusters };
  const hosts = input.role === 'gateway' ? hostsOfGateway(input, world) : hostsOfMesh(input, world);
  const virtualHosts = Object.fromEntries(hosts.map((host) => [host.name, host]));
  return { table: { virtualHosts, ...upstreams }, issues: reports.issues() };
}

function compileUpstreams(services: readonly MeshService[], { destinationRules, caller }: MeshInput): Upstreams {
  const policyOf = destinationPolicies(destinationRules, caller);
  const clusters: Record<string, Cluster> = {};
  const endpoints: Record<string, ClusterEndpoints> = {};
  for (const service of services) {
    for (const compiled of compileClusters(service, policyOf(service))) {
      clusters[compiled.cluster.name] = compiled.cluster;
      endpoints[compiled.cluster.name] = compiled.endpoints;
    }
  }
  return { clusters, endpoints };
}

type World = {
  services: readonly MeshService[];
  virtualServices: readonly VirtualService[];
  reports: ReturnType<typeof createReports>;
  clusters: Upstreams['clusters'];
};

type Entrance = { port: number; gateway: string; portOf: (host: string) => number };

function routesAt(virtualService: VirtualService, entrance: Entrance, input: MeshInput, world: World): Route[] {
  const { caller = {} } = input;
  return compileRoutes(virtualService, {
    ...entrance,
    caller,
    retriesTo: retriesOf(input),
    hasCluster: (name) => Object.hasOwn(world.clusters, name),
    report: world.reports.about('VirtualService', virtualService.metadata),
  });
}

function hostsOfMesh(input: MeshInput, world: World): VirtualHost[] {
  const { services, virtualServices, reports } = world;
  for (const { metadata } of input.gateways ?? []) {
    const message = 'must be served by a proxy with the role gateway: it is not in force here';
    reports.about('Gateway', metadata)('SL0302', 'spec', message);
  }
  return meshHosts({
    services,
    caller: input.caller ?? {},
    index: indexVirtualServices(virtualServices, reports),
    retriesTo: retriesOf(input),
    routesOf: (virtualService, port, portOf) => routesAt(virtualService, { port, gateway: MESH, portOf }, input, world),
  });
}

function retriesOf({ retries, mesh }: MeshInput): (host: string) => RetriesSpec | undefined {
  return (host) => retries?.get(host) ?? mesh?.defaultHttpRetryPolicy;
}

// A destination without port is the only port of its service, else the one on which the request came.
function hostsOfGateway(input: MeshInput, world: World): VirtualHost[] {
  const ports = new Map(world.services.map(({ host, ports }) => [host, ports]));
  const onlyPort = (host: string) => (ports.get(host)?.length === 1 ? ports.get(host)?.[0]?.number : undefined);
  return gatewayHosts({
    gateways: input.gateways ?? [],
    labels: input.caller?.labels ?? {},
    virtualServices: world.virtualServices.toSorted(byAge),
    reports: world.reports,
    routesOf: (virtualService, port, gateway) =>
      routesAt(virtualService, { port, gateway, portOf: (host) => onlyPort(host) ?? port }, input, world),
  });
}

// Of two services of one host the caller's own namespace has the better one.
function visibleServices({ services, caller: { namespace } = {} }: MeshInput): MeshService[] {
  const visible = services.filter((service) =>
    isVisibleIn({ metadata: service, spec: { exportTo: service.exportTo } }, namespace),
  );
  const isForeign = (service: MeshService) => Number(service.namespace !== namespace);
  const byHost = new Map<string, MeshService>();
  for (const service of visible.toSorted((a, b) => isForeign(a) - isForeign(b))) {
    if (!byHost.has(service.host)) byHost.set(service.host, service);
  }
  return [...byHost.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
}
