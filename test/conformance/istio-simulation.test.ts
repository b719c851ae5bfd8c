/**
 * Which rule of which VirtualService governs a request, by the simulations of Istio's own tests (test/conformance/istio): the
 * documents go through the compiler, the requests through what the proxy routes by. Calls by TLS or TCP are not asked yet.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { compileObjects } from '../../src/discovery/compile-objects.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { buildVirtualHost, hostsOfPort } from '../../src/mesh/table/built-table.ts';
import { explainRoute } from '../../src/mesh/table/explain-route.ts';
import type { RouteTable } from '../../src/mesh/table/route-table.ts';

type Call = { port: number; hostHeader: string; path?: string; protocol: string; tls?: string };
type Expected = { error?: string; clusterMatched?: string };
type Simulation = {
  test: string;
  name: string;
  proxy: { labels: Record<string, string>; namespace: string };
  config: string;
  calls: { name: string; call: Call; expect: Expected }[];
};
type Precedence = {
  name: string;
  proxyNamespace: string;
  routeName: string;
  config: string;
  expectedVirtualHosts: Record<string, string[] | null>;
};

/** Calls that we answer differently, and why. */
const DIFFERENT: Record<string, string> = {
  'TestTargetPort basic': 'a Gateway is bound by its selector alone, not by the Service of an internal annotation',
  'TestGatewayServices no match selector': 'we listen on the port of the server, not on the target port of a Service',
  'TestIngress ingress shared TLS cert conflict - alpha first': 'Ingress is not served',
};

function rowsOf<Row>(file: string): Row[] {
  return JSON.parse(readFileSync(new URL(`istio/${file}`, import.meta.url), 'utf8')) as Row[];
}

function objectsOf(yaml: string): KubeObject[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

/** The cluster that takes the request, or what Istio calls it when nobody does. */
function routed(table: Omit<RouteTable, 'version'>, { port, hostHeader, path = '/' }: Call): string {
  const hosts = hostsOfPort(Object.values(table.virtualHosts).map(buildVirtualHost), port);
  const host = hosts.find(hostHeader);
  if (host === undefined) return 'no-route';
  const head = {
    ...{ method: 'GET', path, authority: hostHeader, scheme: 'http' },
    header: () => undefined,
    headerValues: () => [],
  };
  const { outcome } = explainRoute(host, head, { version: 0, ...table });
  return outcome.kind === 'forward' ? outcome.destinations.map(({ cluster }) => cluster).join() : 'no-route';
}

describe('a gateway', () => {
  const simulations = rowsOf<Simulation>('gateway-simulation.json').filter(
    (row) => DIFFERENT[`${row.test} ${row.name}`] === undefined,
  );
  const calls = simulations.flatMap(({ calls: asked, ...simulation }) =>
    asked
      .filter(({ call }) => call.protocol === 'http' && call.tls === undefined)
      .map(({ name, ...each }) => ({ simulation, title: `${simulation.test} ${simulation.name}: ${name}`, ...each })),
  );

  test.each(calls)('$title', ({ simulation, call, expect: expected }) => {
    const { table, gatewayPorts } = compileObjects(objectsOf(simulation.config), {
      role: 'gateway',
      caller: simulation.proxy,
      strict: true,
    });
    if (expected.error === 'no-listener') expect(gatewayPorts).not.toContain(call.port);
    else {
      expect(gatewayPorts).toContain(call.port);
      // The simulation has no domain of the cluster behind the namespace.
      expect(routed(table, call).replaceAll('.svc.cluster.local', '')).toBe(expected.error ?? expected.clusterMatched);
    }
  });
});

describe('a sidecar', () => {
  test.each(rowsOf<Precedence>('sidecar-route-precedence.json'))('$name', (row) => {
    const port = Number(row.routeName);
    const { table } = compileObjects(objectsOf(row.config), {
      role: 'sidecar',
      caller: { namespace: row.proxyNamespace },
      strict: false,
    });
    const domains = Object.values(table.virtualHosts).flatMap((host) => host.domains);
    for (const [host, clusters] of Object.entries(row.expectedVirtualHosts)) {
      if (clusters === null) expect(domains).not.toContain(host);
      else expect(routed(table, { port, hostHeader: host, protocol: 'http' })).toBe(clusters.join());
    }
  });
});
