/** Configurations next to the recorded ones, through the stand-alone proxy on real sockets (neighbours/row.ts). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/lib/resource.ts';
import type { Case, Field } from './envoy/cases.ts';
import { rawRequest } from './envoy/raw-request.ts';
import { type Standalone, startStandalone } from './envoy/standalone.ts';
import { startUpstreams, type Upstreams } from './envoy/upstream.ts';
import { DIRECT, OPERATIONS, REDIRECT, REWRITE } from './neighbours/actions.rows.ts';
import { GATEWAY } from './neighbours/gateway.rows.ts';
import { HEADERS, OTHER, QUERY, URI } from './neighbours/matching.rows.ts';
import { CORS, FAULT, RETRIES, TIMEOUT, WEIGHTS } from './neighbours/policies.rows.ts';
import { DELEGATES, DESTINATIONS, HOSTS, RULES, SEVERAL } from './neighbours/resources.rows.ts';
import type { Ask, Expected, Row, Rows } from './neighbours/row.ts';

/** Until the proxy serves, on the busiest of machines. */
const PATIENCE_MS = 120_000;

const AREAS: Readonly<Record<string, Rows>> = {
  uri: URI,
  headers: HEADERS,
  query: QUERY,
  other: OTHER,
  rewrite: REWRITE,
  redirect: REDIRECT,
  direct: DIRECT,
  operations: OPERATIONS,
  cors: CORS,
  fault: FAULT,
  timeout: TIMEOUT,
  retries: RETRIES,
  weights: WEIGHTS,
  hosts: HOSTS,
  destinations: DESTINATIONS,
  rules: RULES,
  delegates: DELEGATES,
  several: SEVERAL,
  gateway: GATEWAY,
};
const VERSIONS = ['v1', 'v2', 'v3'];
const TIMEOUT_MS = 20_000;

type Named = { area: string; sentence: string; name: string; host: string; row: Row };

const rows = Object.entries(AREAS).flatMap(([area, table]) =>
  Object.entries(table).map(([sentence, row], index): Named => {
    const name = `${area}-${index}`;
    return { area, sentence, name, host: `${name}.default.svc.cluster.local`, row };
  }),
);

let upstreams: Upstreams;
let proxy: Standalone;

beforeAll(async () => {
  upstreams = await startUpstreams(['e1', 'e2', 'e3']);
  proxy = await startStandalone(rows.map(caseOf), upstreams);
}, PATIENCE_MS);
afterAll(async () => {
  await proxy?.close();
  await upstreams?.close();
});

describe.each(Object.keys(AREAS))('%s', (area) => {
  test.each(rows.filter((each) => each.area === area))('$sentence', async ({ name, host, row }) => {
    expect(proxy.refused.has(`VirtualService default/${name}`)).toBe(row.refused === true);
    for (const [written, expected] of row.asks ?? []) {
      const ask = typeof written === 'string' ? { line: written } : written;
      const wanted = expectedOf(expected);
      const found = await repeatedly(ask, host);
      expect({ [ask.line]: pick(found, wanted) }).toEqual({ [ask.line]: inPlace(wanted, host) });
    }
  });
});

/** `v2 /path` is what an instance of v2 got to see; a number is a status. */
function expectedOf(written: string | number | Expected): Expected {
  if (typeof written === 'number') return { status: written };
  if (typeof written === 'object') return written;
  const [version = '', path] = written.split(' ');
  return { status: 200, version, ...(path !== undefined && { path }) };
}

type Found = Awaited<ReturnType<typeof answerTo>> & { versions: Record<string, number>; places: number };

/** The last answer, and who gave them all. */
async function repeatedly(ask: Ask, usualHost: string): Promise<Found> {
  const versions: Record<string, number> = {};
  for (let left = ask.times ?? 1; ; left--) {
    const found = await answerTo(ask, usualHost);
    const version = found.version ?? 'none';
    versions[version] = (versions[version] ?? 0) + 1;
    if (left === 1) return { ...found, versions, places: Object.keys(versions).length };
  }
}

async function answerTo(ask: Ask, usualHost: string) {
  const { host = usualHost, via = 'client', headers = [], body } = inPlace(ask, usualHost);
  const [method = '', path = ''] = inPlace(ask.line, usualHost).split(/ (.*)/);
  const id = `neighbour-${++ids}`;
  const sent: Field[] = [['host', host], ...headers, ['x-oracle-id', id]];
  const startedMs = performance.now();
  const answer = await rawRequest(proxy.port(via) ?? 0, { method, path, headers: sent, body }, TIMEOUT_MS);
  const received = upstreams.received(id).filter(({ isShadow }) => !isShadow);
  const last = received.at(-1);
  return {
    status: answer?.status,
    body: answer?.body,
    version: last?.endpoint.replace('e', 'v'),
    path: last?.path,
    host: last?.host,
    attempts: received.length,
    tookMs: performance.now() - startedMs,
    up: fieldsOf(last?.headers ?? []),
    down: fieldsOf(answer?.headers ?? []),
  };
}

let ids = 0;

function fieldsOf(list: readonly Field[]): Record<string, string> {
  const groups = Map.groupBy(list, ([name]) => name.toLowerCase());
  return Object.fromEntries(
    [...groups].map(([name, fields]) => [
      name,
      fields.map(([, value]) => value.replace(/"[0-9a-f]{16}"/, '"<hash>"')).join(' | '),
    ]),
  );
}

/** Of what was found, what the row names. */
function pick(found: Found, wanted: Expected): object {
  const some = (fields: Record<string, string>, names: object) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, fields[name] ?? null]));
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => {
      if (key === 'up' || key === 'down') return [key, some(found[key], value as object)];
      if (key === 'atLeastMs') return [key, found.tookMs >= Number(value) ? value : found.tookMs];
      return [key, found[key as keyof typeof found]];
    }),
  );
}

function inPlace<T>(value: T, host: string): T {
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll('@HOST', host)
      .replaceAll('@NAME', host.split('.')[0] ?? ''),
  ) as T;
}

function caseOf({ name, host, row }: Named): Case {
  const metadata = { name, namespace: 'default' };
  const apiVersion = 'networking.istio.io/v1';
  const endpoints = VERSIONS.map((version, index) => ({
    address: '127.0.0.1',
    ports: { http: 9101 + index },
    labels: { version },
  }));
  const ports = [{ number: 9080, name: 'http', protocol: 'HTTP' }];
  const spec = { hosts: [host], location: 'MESH_INTERNAL', resolution: 'STATIC', ports, endpoints };
  const subsets = VERSIONS.map((version) => ({ name: version, labels: { version } }));
  const virtualService = { hosts: [host], ...row.spec, ...(row.http && { http: row.http }) };
  const objects = [
    { apiVersion, kind: 'ServiceEntry', metadata, spec },
    {
      apiVersion,
      kind: 'DestinationRule',
      metadata,
      spec: { host, ...row.rule, subsets: [...subsets, ...(row.rule?.subsets ?? [])] },
    },
    ...(row.http || row.spec ? [{ apiVersion, kind: 'VirtualService', metadata, spec: virtualService }] : []),
    ...(row.more ?? []).map((each) => ({ apiVersion, ...each })),
  ];
  const vias = (row.asks ?? []).map(([ask]) => (typeof ask === 'string' ? undefined : ask.via));
  return {
    name,
    area: '',
    resources: inPlace(objects, host) as KubeObject[],
    requests: vias.map((via) => ({ method: '', path: '', host: '', headers: [], ...(via !== undefined && { via }) })),
  };
}
