/** Builders of route tables for tests of the proxy: a service with versions, each with its endpoints. */

import type { TableItem, ToProxy } from '../../src/mesh/table/handover.ts';
import type { Cluster, Route, RouteAction, WorkloadLabels } from '../../src/mesh/table/route-table.ts';

export function labelsOf(workload: string): WorkloadLabels {
  return {
    workload,
    namespace: 'default',
    app: 'web',
    version: 'v1',
    canonicalService: 'web',
    canonicalRevision: 'v1',
  };
}

export function clusterItem(name: string, overrides: Partial<Cluster> = {}): TableItem {
  const value: Cluster = {
    name,
    service: { host: `${name}.default.svc.cluster.local`, name, namespace: 'default' },
    connectTimeoutMs: 5_000,
    loadBalancer: 'LEAST_REQUEST',
    ...overrides,
  };
  return { kind: 'cluster', name, hash: JSON.stringify(value), value };
}

export function endpointsItem(cluster: string, ports: readonly number[]): TableItem {
  const endpoints = ports.map((port) => ({ address: `127.0.0.1:${port}`, labels: labelsOf(cluster) }));
  return { kind: 'endpoints', name: cluster, hash: JSON.stringify(ports), value: { cluster, endpoints } };
}

export function hostItem(routes: readonly Route[], domains: readonly string[] = ['*']): TableItem {
  const value = { name: 'web:80', domains, routes };
  return { kind: 'virtualHost', name: 'web:80', hash: JSON.stringify(value), value };
}

/** A forward to clusters with weights: `{ primary: 90, canary: 10 }`. */
export function forwardTo(
  weights: Readonly<Record<string, number>>,
  mirrors: Readonly<Record<string, number>> = {},
): RouteAction {
  return {
    kind: 'forward',
    clusters: Object.entries(weights).map(([cluster, weight]) => ({ cluster, weight })),
    mirrors: Object.entries(mirrors).map(([cluster, percent]) => ({ cluster, percent })),
  };
}

/** The messages that make `items` version `version`. */
export function handing(version: number, items: readonly TableItem[]): ToProxy[] {
  return [...items.map((item): ToProxy => ({ type: 'put', item })), { type: 'commit', version }];
}
