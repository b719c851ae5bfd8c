/**
 * From services and Istio's resources to the route table. Pure and deterministic: the same input gives the same table,
 * whatever the order of its lists, so that content hashes tell what changed.
 */

import type { RetriesSpec } from '../schema/http-route.ts';
import type { MeshSettings } from '../schema/mesh-config.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Route, RouteTable, VirtualHost } from '../table/route-table.ts';
import { compileClusters } from './compile-clusters.ts';
import { CompileMemos, type FrameMemos } from './compile-memos.ts';
import { compileRoutes } from './compile-routes.ts';
import { destinationPolicies, reportUnservedPolicy } from './destination-policy.ts';
import { expandDelegates } from './expand-delegates.ts';
import { gatewayHosts } from './gateway-hosts.ts';
import { MESH } from './gateway-reference.ts';
import { meshHosts } from './mesh-hosts.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';
import { type OutboundScope, outboundScope } from './outbound-scope.ts';
import type { EgressScope } from './sidecar-scope.ts';
import { createReports, type Reports, type TableIssue } from './table-issue.ts';
import { indexVirtualServices, type VirtualServiceIndex } from './virtual-service-index.ts';
import { isVisibleIn } from './visibility.ts';

export type CompiledTable = { table: Omit<RouteTable, 'version'>; issues: TableIssue[] };

type Upstreams = Pick<RouteTable, 'clusters' | 'endpoints'>;

/** @param memos of the table before, which make no difference but to the time that it takes */
export function compileTable(written: MeshInput, memos: CompileMemos = new CompileMemos()): CompiledTable {
  const known = memos.within(written);
  const input = known.withExports(written);
  const { caller } = known.frame;
  const reports = createReports();
  reportUnserved(input, { known, reports });
  const visible = expandDelegates(input.virtualServices, { reports, memo: known.expanded }).filter((one) =>
    isVisibleIn(one, caller.namespace),
  );
  const virtualServices = known.virtualServicesByAge.sort(visible);
  const scope = outboundScope(input, {
    virtualServices,
    mesh: known.frame.mesh,
    byHost: known.servicesByHost,
  });
  reportHttp2(scope.services, reports);
  const upstreams = compileUpstreams(scope.services, input, known);
  const world: World = { input, known, scope, virtualServices, reports, clusters: upstreams.clusters };
  const hosts = known.keepHosts(known.frame.role === 'gateway' ? hostsOfGateway(world) : hostsOfMesh(world));
  return { table: { virtualHosts: Object.fromEntries(hosts), ...upstreams }, issues: [...reports.found.values()] };
}

function reportUnserved(input: MeshInput, { known, reports }: Pick<World, 'known' | 'reports'>): void {
  for (const rule of input.destinationRules) {
    const found = known.unserved.of(rule, {}, () => {
      const own = createReports();
      reportUnservedPolicy(rule, {
        report: own.about('DestinationRule', rule.metadata),
        caller: known.frame.caller,
      });
      return own.found;
    });
    reports.add(found);
  }
}

function reportHttp2(services: readonly MeshService[], reports: Reports): void {
  for (const { name, namespace, ports } of services) {
    for (const [index, { protocol }] of ports.entries()) {
      if (protocol !== 'http2') continue;
      const message =
        'must speak HTTP/1.1 to be reached through the bundled proxy: got HTTP/2 by name or appProtocol; requests get 503';
      reports.about('Service', { name, namespace })('SL0302', `spec.ports[${index}]`, message);
    }
  }
}

function compileUpstreams(
  services: readonly MeshService[],
  { destinationRules, retries = new Map() }: MeshInput,
  known: FrameMemos,
): Upstreams {
  const { caller, mesh } = known.frame;
  const site = { caller, rootNamespace: mesh.rootNamespace, byAge: known.rulesByAge, merged: known.merged };
  const policyOf = destinationPolicies(destinationRules, site);
  const compiled = services.map((service) => ({
    service,
    clusters: known.clusters.of(service, { policy: () => policyOf(service) }, (_, { policy }) =>
      compileClusters(service, policy(), { caller, locality: mesh.localityLbSetting }),
    ),
  }));
  known.refersTo({ services: compiled, retries });
  const all = compiled.flatMap(({ clusters }) => clusters);
  return {
    clusters: Object.fromEntries(all.map(({ cluster }) => [cluster.name, cluster])),
    endpoints: Object.fromEntries(all.map(({ cluster, endpoints }) => [cluster.name, endpoints])),
  };
}

/** Everything that hosts are made from. */
type World = {
  input: MeshInput;
  known: FrameMemos;
  scope: OutboundScope;
  /** That the caller may see, the oldest first. */
  virtualServices: readonly VirtualService[];
  reports: Reports;
  clusters: Upstreams['clusters'];
};

type Entrance = {
  port: number;
  gateway: string;
  /** Where requests come in that way and destinations get their ports that way. */
  way: string;
  portOf: (host: string) => number;
};

type RoutesOf = (virtualService: VirtualService) => Route[];

function routesAt({ port, gateway, way, portOf }: Entrance, { input, known, clusters, reports }: World): RoutesOf {
  const { caller, mesh } = known.frame;
  const { memo, surroundings } = known.routesOf(`${port} ${gateway} ${way}`, {
    hasCluster: (name) => Object.hasOwn(clusters, name),
    portOf,
    retriesTo: retriesOf(input, mesh),
  });
  return (virtualService) => {
    const { routes, found } = memo.of(virtualService, surroundings, (_, asked) => {
      const own = createReports();
      const report = own.about('VirtualService', virtualService.metadata);
      return { routes: compileRoutes(virtualService, { ...asked, port, gateway, caller, report }), found: own.found };
    });
    // Nobody has written that port, and the others say the rest.
    if (found.size > 0 && way !== 'absentPort') reports.add(found);
    return routes;
  };
}

function hostsOfMesh(world: World): VirtualHost[] {
  const { input, known, scope, virtualServices, reports } = world;
  const { caller } = known.frame;
  for (const { metadata } of input.gateways ?? []) {
    const message = 'must be served by a proxy with the role gateway: it is not in force here';
    reports.about('Gateway', metadata)('SL0302', 'spec', message);
  }
  if (caller.namespace === undefined) {
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
    caller,
    memo: known.serviceHosts,
    indexAt: (port) => getOrInsert(indexes, scope.at(port), indexOf),
    retriesTo: retriesOf(input, known.frame.mesh),
    routesAt: (entrance) => routesAt({ ...entrance, gateway: MESH }, world),
    namedHost: (host, port, routes) => known.namedHost(host, port, routes),
  });
}

function getOrInsert<Key, Value>(map: Map<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  const value = map.get(key) ?? make(key);
  map.set(key, value);
  return value;
}

function retriesOf({ retries }: MeshInput, mesh: MeshSettings): (host: string) => RetriesSpec | undefined {
  return (host) => retries?.get(host) ?? mesh.defaultHttpRetryPolicy;
}

// A destination without port is the only port of its service, else the one on which the request came.
function hostsOfGateway(world: World): VirtualHost[] {
  const { input, known, scope, virtualServices, reports } = world;
  const ports = new Map(scope.services.map(({ host, ports }) => [host, ports]));
  const onlyPort = (host: string) => (ports.get(host)?.length === 1 ? ports.get(host)?.[0]?.number : undefined);
  return gatewayHosts({
    gateways: input.gateways ?? [],
    labels: known.frame.caller.labels ?? {},
    virtualServices,
    reports,
    routesAt: (port, gateway) =>
      routesAt({ port, gateway, way: 'gateway', portOf: (host) => onlyPort(host) ?? port }, world),
  });
}
