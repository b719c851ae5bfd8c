/** What a real istiod with a real Envoy did (test/conformance/envoy), as far as it is decided by compiling and matching. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { serviceEntryServices } from '../../../src/discovery/service-entry-services.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { compileTable } from '../../../src/mesh/compile/compile-table.ts';
import type { Caller, MeshService } from '../../../src/mesh/compile/mesh-input.ts';
import { type DestinationRule, parseDestinationRule } from '../../../src/mesh/schema/destination-rule.ts';
import { parseServiceEntry } from '../../../src/mesh/schema/service-entry.ts';
import { parseVirtualService, type VirtualService } from '../../../src/mesh/schema/virtual-service.ts';
import { buildVirtualHost, hostsOfPort, matchRoute } from '../../../src/mesh/table/built-table.ts';
import type { RequestHead } from '../../../src/mesh/table/match-route.ts';

type Request = { method: string; path: string; host: string; headers: [string, string][]; via?: string; n?: number };
type Outcome = {
  rejected?: { kind: string };
  status?: number;
  version_pct?: Record<string, number>;
  upstream?: { path: string };
  envoy?: { flags: string; cluster: string };
};
type Case = { name: string; area: string; resources: (KubeObject & { _phase?: number })[]; requests: Request[] };
type Result = { case: string; i: number; request: Request; outcome: Outcome };
const AREAS = [
  'host-selection',
  'match-uri',
  'match-headers',
  'match-query',
  'match-other',
  'weights',
  'subsets',
  'merge',
  'delegate',
  'destination-port',
  'visibility',
  'mirror',
  'timeout',
  'retries',
  'consistent-hash',
  'outlier-detection',
  'connection-pool',
  'load-balancing',
];

/** Cases whose answer depends on what is not decided here. */
const SKIPPED: Record<string, string> = {
  'host-userinfo-and-odd': 'userinfo in Host is refused by the proxy before routing',
  'host-two-host-headers': 'two Host headers are refused by the proxy before routing',
  'hdr-connection-nominated': 'hop-by-hop headers are removed by the proxy before routing',
  'method-unusual': 'unknown methods are refused by the proxy before routing',
  'scheme-exact-http': 'absolute targets are taken apart by the proxy before routing',
  'uri-dot-segments-forwarded': 'targets without a slash are refused by the proxy before routing',
  'dg-rewrite': 'the service sees the rewritten path, not the one that matched',
  'rule-unknown-field': 'a misspelled condition is refused here, since it would widen its rule',
};

const read = <T>(file: string): T[] =>
  readFileSync(new URL(`../../conformance/envoy/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const cases = read<Case>('cases.ndjson').filter(
  ({ area, name }) => AREAS.includes(area) && SKIPPED[name] === undefined,
);
const results = Map.groupBy(read<Result>('results.ndjson'), (result) => result.case);

function compile({ resources }: Case) {
  const services: MeshService[] = [];
  const virtualServices: VirtualService[] = [];
  const destinationRules: DestinationRule[] = [];
  const refused: string[] = [];
  for (const { _phase = 0, ...resource } of resources) {
    const metadata = { ...resource.metadata, creationTimestamp: `2026-01-01T00:00:0${_phase}Z` };
    if (resource.kind === 'ServiceEntry') services.push(...servicesOf(resource));
    const parse = { VirtualService: parseVirtualService, DestinationRule: parseDestinationRule }[resource.kind];
    const parsed = parse?.({ ...resource, metadata });
    if (parsed === undefined) continue;
    if (!parsed.ok) refused.push(resource.kind);
    else if (resource.kind === 'VirtualService') virtualServices.push(parsed.value as VirtualService);
    else destinationRules.push(parsed.value as DestinationRule);
  }
  const { table } = compileTable({ services, virtualServices, destinationRules, caller: CALLER });
  const hosts = Object.values(table.virtualHosts).map(buildVirtualHost);
  return { refused, table, hostsOf: (via = 'client') => hostsOfPort(hosts, LISTENERS[via] ?? 0) };
}

function servicesOf(entry: KubeObject): MeshService[] {
  const parsed = parseServiceEntry(entry);
  return parsed.ok
    ? serviceEntryServices(parsed.value, { workloads: [], lookup: (name) => [name], podsAt: () => [] })
    : [];
}

/** Beside whom the recorded proxy stood, and the ports of its listeners. */
const CALLER: Caller = { namespace: 'default', labels: { app: 'client', tier: 'web' } };
const LISTENERS: Readonly<Record<string, number>> = { client: 9080, 'client-9081': 9081, 'client-80': 80 };

function headOf(request: Request, outcome: Outcome): RequestHead {
  const named = (name: string) =>
    request.headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value.trim());
  // The upstream's view of the path is the normalised one, which is what a proxy matches.
  const path = outcome.upstream?.path ?? request.path;
  return {
    method: request.method,
    path,
    authority: request.host,
    scheme: named('x-forwarded-proto')[0]?.toLowerCase() ?? 'http',
    header: (name) => named(name)[0],
    headerValues: named,
  };
}

/** What would happen, in the words of Envoy. */
function answerOf({ table, hostsOf }: ReturnType<typeof compile>, request: Request, outcome: Outcome): string[] {
  const host = hostsOf(request.via).find(request.host);
  if (host === undefined) return ['PassthroughCluster'];
  const route = matchRoute(host, headOf(request, outcome))?.route;
  if (route === undefined) return ['NR'];
  if (route.action.kind === 'directResponse') return [`status ${route.action.status}`];
  if (route.action.kind === 'redirect') return [`status ${route.action.status}`];
  return route.action.clusters.map(({ cluster }) => (table.clusters[cluster] === undefined ? 'NC' : cluster));
}

describe.each(cases)('$area: $name', (each) => {
  const compiled = compile(each);
  const observed = (results.get(each.name) ?? []).filter(
    ({ request }) => LISTENERS[request?.via ?? 'client'] !== undefined,
  );
  const refused = observed.find(({ outcome }) => outcome.rejected !== undefined);
  if (refused !== undefined) {
    test('is refused', () => expect(compiled.refused).toContain(refused.outcome.rejected?.kind));
    return;
  }
  const comparable = observed.filter(({ outcome }) => outcome.envoy !== undefined && outcome.envoy.flags !== 'DPE');
  test.skipIf(comparable.length === 0)('routes every request as Envoy did', () => {
    const expected = comparable.map(({ i, outcome }) => `${i}: ${expectedOf(outcome)}`);
    const found = comparable.map(({ i, request, outcome }) => {
      const answers = answerOf(compiled, request, outcome);
      return `${i}: ${answers.find((answer) => answer === expectedOf(outcome)) ?? answers.join(' or ')}`;
    });
    expect(found).toEqual(expected);
  });
  for (const { i, request, outcome } of observed) {
    if (outcome.version_pct === undefined) continue;
    test(`request ${i} can reach the versions that Envoy chose`, () => {
      const versions = answerOf(compiled, request, outcome).flatMap(
        (cluster) => compiled.table.endpoints[cluster]?.endpoints.map(({ labels }) => labels.version) ?? [],
      );
      expect([...new Set(versions)].sort()).toEqual(Object.keys(outcome.version_pct ?? {}).sort());
    });
  }
});

function expectedOf({ envoy, status }: Outcome): string {
  if (envoy?.flags === 'NR' || envoy?.flags === 'NC') return envoy.flags;
  return envoy?.cluster || `status ${status}`;
}
