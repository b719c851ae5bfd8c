/**
 * From services and Istio's resources to the route table. Pure and deterministic: the same input gives the same table,
 * whatever the order of its lists, so that content hashes tell what changed.
 */

import type { RetriesSpec } from '../schema/http-route.ts';
import { DEFAULT_MESH } from '../schema/mesh-config.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Cluster, ClusterEndpoints, Route, RouteTable, VirtualHost } from '../table/route-table.ts';
import { compileClusters } from './compile-clusters.ts';
import { compileRoutes } from './compile-routes.ts';
import { withDefaultExports } from './default-exports.ts';
import { destinationPolicies, reportUnservedPolicy } from './destination-policy.ts';
import { expandDelegates } from './expand-delegates.ts';
import { gatewayHosts } from './gateway-hosts.ts';
import { MESH } from './gateway-reference.ts';
import { meshHosts } from './mesh-hosts.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';
import { type OutboundScope, outboundScope } from './outbound-scope.ts';
import type { EgressScope } from './sidecar-scope.ts';
import { createReports, type TableIssue } from './table-issue.ts';
import { byAge, indexVirtualServices, type VirtualServiceIndex } from './virtual-service-index.ts';
import { isVisibleIn } from './visibility.ts';

export type CompiledTable = { table: Omit<RouteTable, 'version'>; issues: TableIssue[] };

type Upstreams = Pick<RouteTable, 'clusters' | 'endpoints'>;

export function compileTable(written: MeshInput): CompiledTable {
  const { mesh = DEFAULT_MESH } = written;
  const input = withDefaultExports(written, mesh);
  const { caller = {} } = input;
  const reports = createReports();
  for (const rule of input.destinationRules)
    reportUnservedPolicy(rule, { report: reports.about('DestinationRule', rule.metadata), caller });
  const virtualServices = expandDelegates(input.virtualServices, reports).filter((one) =>
    isVisibleIn(one, caller.namespace),
  );
  const scope = outboundScope(input, virtualServices, mesh);
  reportHttp2(scope.services, reports);
  const upstreams = compileUpstreams(scope.services, input);
  const world = { scope, virtualServices, reports, clusters: upstreams.clusters };
  const hosts = input.role === 'gateway' ? hostsOfGateway(input, world) : hostsOfMesh(input, world);
  const virtualHosts = Object.fromEntries(hosts.map((host) => [host.name, host]));
  return { table: { virtualHosts, ...upstreams }, issues: reports.issues() };
}

function reportHttp2(services: readonly MeshService[], reports: ReturnType<typeof createReports>): void {
  for (const { name, namespace, ports } of services) {
    const report = reports.about('Service', { name, namespace });
    for (const [index, { protocol }] of ports.entries()) {
      const message =
        'must speak HTTP/1.1 to be reached through the bundled proxy: got HTTP/2 by name or appProtocol; requests get 503';
      if (protocol === 'http2') report('SL0302', `spec.ports[${index}]`, message);
    }
  }
}

function compileUpstreams(
  services: readonly MeshService[],
  { destinationRules, caller = {}, mesh }: MeshInput,
): Upstreams {
  const policyOf = destinationPolicies(destinationRules, caller, mesh?.rootNamespace);
  const clusters: Record<string, Cluster> = {};
  const endpoints: Record<string, ClusterEndpoints> = {};
  for (const service of services) {
    for (const compiled of compileClusters(service, policyOf(service), { caller, locality: mesh?.localityLbSetting })) {
      clusters[compiled.cluster.name] = compiled.cluster;
      endpoints[compiled.cluster.name] = compiled.endpoints;
    }
  }
  return { clusters, endpoints };
}

type World = {
  scope: OutboundScope;
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
  const { scope, virtualServices, reports } = world;
  for (const { metadata } of input.gateways ?? []) {
    const message = 'must be served by a proxy with the role gateway: it is not in force here';
    reports.about('Gateway', metadata)('SL0302', 'spec', message);
  }
  if (input.caller?.namespace === undefined) {
    for (const { metadata } of input.sidecars ?? []) {
      const message = 'must be about a caller that the proxy stands beside: it is not in force here';
      reports.about('Sidecar', metadata)('SL0302', 'spec', message);
    }
  }
  const indexes = new Map<EgressScope, VirtualServiceIndex>();
  const indexOf = (seen: EgressScope) =>
    indexVirtualServices(
      virtualServices.filter((one) => seen.seesVirtualService(one)),
      reports,
    );
  return meshHosts({
    scope,
    caller: input.caller ?? {},
    indexAt: (port) => getOrInsert(indexes, scope.at(port), indexOf),
    retriesTo: retriesOf(input),
    routesOf: (virtualService, port, portOf) => routesAt(virtualService, { port, gateway: MESH, portOf }, input, world),
  });
}

function getOrInsert<Key, Value>(map: Map<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const value = map.get(key) ?? make(key);
  map.set(key, value);
  return value;
}

function retriesOf({ retries, mesh }: MeshInput): (host: string) => RetriesSpec | undefined {
  return (host) => retries?.get(host) ?? mesh?.defaultHttpRetryPolicy;
}

// A destination without port is the only port of its service, else the one on which the request came.
function hostsOfGateway(input: MeshInput, world: World): VirtualHost[] {
  const ports = new Map(world.scope.services.map(({ host, ports }) => [host, ports]));
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
