/** Rows of Istio's own integration tests (test/conformance/istio/e2e-behaviour.json), asked of the real proxy. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Proxies before a gateway that are trusted. */
  proxyOptions?: { numTrustedProxies: number };
  requests: { request: Asked; expect: Expected }[];
};

const NAMESPACE = 'ns';
const INSTANCES: Readonly<Record<string, string>> = { e1: 'b', e2: 'c' };
const GRPC_STATUS: Readonly<Record<string, string>> = { Unavailable: '14' };

const rows = JSON.parse(
  readFileSync(new URL('../conformance/istio/e2e-behaviour.json', import.meta.url), 'utf8'),
) as Row[];

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

/** @param folder where settings may be written */
function argsOf({ proxy = '', proxyOptions: gatewayTopology }: Row, folder: string): string[] {
  const file = join(folder, 'mesh.json');
  writeFileSync(file, JSON.stringify({ defaultConfig: { gatewayTopology } }));
  return ['--mesh', file, ...placeOf(proxy)];
}

function placeOf(proxy: string): string[] {
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
  let folder: string;
  beforeAll(async () => {
    const yaml = documents(service('b', 'e1'), service('c', 'e2'), ...applied(row.config));
    folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'));
    mesh = await startMesh({ yaml, args: argsOf(row, folder) });
  }, PATIENCE_MS);
  afterAll(async () => {
    await mesh?.close();
    rmSync(folder, { recursive: true, force: true });
  });

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
