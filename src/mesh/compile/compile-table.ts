/**
 * From services and Istio's resources to the route table. Pure and deterministic: the same input gives the same table,
 * whatever the order of its lists, so that content hashes tell what changed.
 */

import { coversHost } from '../schema/host-name.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Cluster, ClusterEndpoints, Route, RouteTable, VirtualHost } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { compileClusters } from './compile-clusters.ts';
import { DEFAULT_RETRY } from './compile-retries.ts';
import { compileRoutes } from './compile-routes.ts';
import { destinationPolicies, reportUnservedPolicy } from './destination-policy.ts';
import { expandDelegates } from './expand-delegates.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';
import { isHttp } from './port-protocol.ts';
import { portDomains, serviceNames } from './service-domains.ts';
import { createReports, type TableIssue } from './table-issue.ts';
import { indexVirtualServices } from './virtual-service-index.ts';
import { isVisibleIn } from './visibility.ts';

export type CompiledTable = { table: Omit<RouteTable, 'version'>; issues: TableIssue[] };

/** Port of hosts that only a VirtualService knows: Istio serves them there alone. */
const UNREGISTERED_PORT = 80;

export function compileTable(input: MeshInput): CompiledTable {
  const { caller = {} } = input;
  const services = visibleServices(input);
  const reports = createReports();
  for (const rule of input.destinationRules)
    reportUnservedPolicy(rule, { report: reports.about('DestinationRule', rule.metadata), caller });
  const index = indexVirtualServices(
    expandDelegates(input.virtualServices, reports).filter((one) => isVisibleIn(one, caller.namespace)),
    reports,
  );

  const policyOf = destinationPolicies(input.destinationRules, caller);
  const clusters: Record<string, Cluster> = {};
  const endpoints: Record<string, ClusterEndpoints> = {};
  for (const service of services) {
    for (const compiled of compileClusters(service, policyOf(service))) {
      clusters[compiled.cluster.name] = compiled.cluster;
      endpoints[compiled.cluster.name] = compiled.endpoints;
    }
  }

  const routesOf = (virtualService: VirtualService, port: number, portOf: (host: string) => number) =>
    compileRoutes(virtualService, {
      port,
      caller,
      portOf,
      hasCluster: (name) => Object.hasOwn(clusters, name),
      report: reports.about('VirtualService', virtualService.metadata),
    });

  const virtualHosts: Record<string, VirtualHost> = {};
  const counts = Map.groupBy(services, ({ name }) => name);
  for (const service of services) {
    const names = serviceNames(service, { sameName: counts.get(service.name)?.length ?? 1, caller });
    const governor = index.find(service.host);
    for (const [position, { number }] of service.ports.filter(({ protocol }) => isHttp(protocol)).entries()) {
      const ruled = governor === undefined ? [] : routesOf(governor, number, () => number);
      const routes = ruled.length > 0 ? ruled : [defaultRoute(service, number)];
      const name = `${service.host}:${number}`;
      virtualHosts[name] = {
        name,
        domains: portDomains(names, number, position === 0),
        port: number,
        portDomains: names,
        routes,
      };
    }
  }

  const registered = new Set(services.map(({ host }) => host));
  const isRegistered = (host: string) =>
    host.startsWith('*') ? services.some((service) => coversHost(host, service.host)) : registered.has(host);
  const portOf = (host: string) => onlyPort(services, host) ?? UNREGISTERED_PORT;
  for (const { host, virtualService } of index.entries()) {
    if (isRegistered(host)) continue;
    const routes = routesOf(virtualService, UNREGISTERED_PORT, portOf);
    const name = `${host}:${UNREGISTERED_PORT}`;
    if (routes.length > 0)
      virtualHosts[name] = { name, domains: [host], port: UNREGISTERED_PORT, portDomains: [host], routes };
  }
  return { table: { virtualHosts, clusters, endpoints }, issues: reports.issues() };
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

function defaultRoute({ host }: MeshService, port: number): Route {
  const clusters = [{ cluster: clusterName({ host, port }), weight: 100 }];
  return { name: 'default', action: { kind: 'forward', clusters, mirrors: [] }, retry: DEFAULT_RETRY };
}

/** As a gateway does: a destination without port is its only HTTP port. */
function onlyPort(services: readonly MeshService[], host: string): number | undefined {
  const ports = services.find((service) => service.host === host)?.ports.filter(({ protocol }) => isHttp(protocol));
  return ports?.length === 1 ? ports[0]?.number : undefined;
}
