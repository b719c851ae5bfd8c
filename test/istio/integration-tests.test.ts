/** Rows of Istio's own integration tests (test/conformance/istio/e2e-behaviour.json), asked of the real proxy. */

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { documents, instanceOf, type Mesh, PATIENCE_MS, type Reply, startMesh } from './mesh.ts';

type Expected = {
  status?: number;
  grpcStatus?: string;
  upstreamHeaders?: Record<string, string>;
  upstreamHost?: string;
  upstreamUrl?: string;
  responseHeaders?: Record<string, string>;
  share?: Record<string, number>;
  tolerancePoints?: number;
};
type Asked = {
  path: string;
  followRedirects?: boolean;
  grpc?: boolean;
  headers?: Record<string, string>;
  count?: number;
};
type Row = {
  name: string;
  proxy?: string;
  config: string;
  /** Which proxies before a gateway are trusted: ours trusts none. */
  proxyOptions?: unknown;
  requests: { request: Asked; expect: Expected }[];
};

const NAMESPACE = 'ns';
const INSTANCES: Readonly<Record<string, string>> = { e1: 'b', e2: 'c' };
const GRPC_STATUS: Readonly<Record<string, string>> = { Unavailable: '14' };

const rows = (
  JSON.parse(readFileSync(new URL('../conformance/istio/e2e-behaviour.json', import.meta.url), 'utf8')) as Row[]
).filter(({ proxyOptions }) => proxyOptions === undefined);

/** A service of the namespace on port 80. */
function service(name: string, instance: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${NAMESPACE} }
spec:
  hosts: [${name}.${NAMESPACE}.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1, ports: { http: \${${instance}} } }]
`;
}

/** The documents as they are applied to the namespace. */
function applied(config: string): string[] {
  return parseAllDocuments(config)
    .map((document) => document.toJS() as { metadata: object } | null)
    .filter((object) => object !== null)
    .map((object) => stringify({ ...object, metadata: { namespace: NAMESPACE, ...object.metadata } }));
}

function argsOf({ proxy = '' }: Row): string[] {
  return proxy.startsWith('gateway')
    ? ['--role', 'gateway', '--labels', 'istio=ingressgateway', '--namespace', 'istio-system', '--port', '0=80']
    : ['--namespace', NAMESPACE];
}

async function askLike(mesh: Mesh, { path, headers = {}, grpc, followRedirects }: Asked): Promise<Reply> {
  const { host = 'b', ...others } = headers;
  const sent = grpc === true ? { ...others, 'content-type': 'application/grpc', te: 'trailers' } : others;
  const reply = await mesh.ask({ host, path, headers: sent });
  const { location } = reply.headers;
  if (followRedirects !== true || location === undefined) return reply;
  const { hostname, pathname, search } = new URL(location);
  return mesh.ask({ host: hostname, path: `${pathname}${search}`, headers: sent });
}

function check(reply: Reply, expected: Expected): void {
  const [received] = reply.received;
  if (expected.status !== undefined) expect(reply.status).toBe(expected.status);
  if (expected.grpcStatus !== undefined) expect(reply.headers['grpc-status']).toBe(GRPC_STATUS[expected.grpcStatus]);
  if (expected.upstreamHost !== undefined) expect(received?.host).toBe(expected.upstreamHost);
  if (expected.upstreamUrl !== undefined) expect(received?.path).toBe(expected.upstreamUrl);
  expect(reply.headers).toMatchObject(expected.responseHeaders ?? {});
  expect(Object.fromEntries(received?.headers ?? [])).toMatchObject(expected.upstreamHeaders ?? {});
}

describe.each(rows)('$name', (row) => {
  let mesh: Mesh;
  beforeAll(async () => {
    const yaml = documents(service('b', 'e1'), service('c', 'e2'), ...applied(row.config));
    mesh = await startMesh({ yaml, args: argsOf(row) });
  }, PATIENCE_MS);
  afterAll(() => mesh?.close());

  test.each(row.requests)('answers as in Istio', async ({ request, expect: expected }) => {
    const { count = 1 } = request;
    if (count === 1) {
      check(await askLike(mesh, request), expected);
      return;
    }
    const replies = await mesh.askMany(count, () => ({ host: 'b', path: request.path }));
    const { tolerancePoints = 0, share = {} } = expected;
    for (const [name, points] of Object.entries(share)) {
      const mine = replies.filter((reply) => INSTANCES[instanceOf(reply)] === name).length;
      expect(Math.abs((100 * mine) / count - points)).toBeLessThanOrEqual(tolerancePoints);
    }
  });
});
