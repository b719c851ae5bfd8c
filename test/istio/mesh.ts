/**
 * What a scenario stands on: services that listen for real, their YAML in a folder, and `sluice proxy` as a process that serves it.
 * In the YAML `${e1}` is the port of the service instance e1, which answers `from e1` or whatever the request asks for
 * (conformance/envoy/upstream.ts). Nobody listens on the port of an instance beyond e10.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Received, startUpstreams } from '../conformance/envoy/upstream.ts';
import { startProxyProcess } from './proxy-process.ts';

export type Reply = {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  tookMs: number;
  received: readonly Received[];
};

export type Question = {
  /** By which `received` knows it. */
  id?: string;
  host?: string;
  path?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
};

export type Mesh = {
  /** Asks the proxy; `received` is what reached the services because of it, copies included. */
  ask(question: Question): Promise<Reply>;
  /** What has reached the services so far because of a question with this id. */
  received(id: string): readonly Received[];
  /** Many questions, ten at a time. */
  askMany(count: number, question: (index: number) => Question): Promise<Reply[]>;
  /** What was written to standard error: warnings and errors about resources, and later findings. */
  findings(): string;
  /** Replaces a file of the folder; resolves when the proxy serves what came of it. */
  edit(file: string, yaml: string): Promise<void>;
  port: number;
  /** A page of the admin port. */
  admin(path: string): Promise<string>;
  close(): Promise<void>;
};

export type MeshOptions = { yaml: string; args?: readonly string[]; host?: string };

/** Until the proxy serves, on the busiest of machines. */
export const PATIENCE_MS = 120_000;

const INSTANCES = Array.from({ length: 10 }, (_, index) => `e${index + 1}`);

export async function startMesh({ yaml, args = [], host: usualHost = '' }: MeshOptions): Promise<Mesh> {
  const upstreams = await startUpstreams(INSTANCES);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-istio-'));
  const write = (file: string, text: string) =>
    writeFile(
      join(folder, file),
      text.replace(/\$\{(e\d+)\}/g, (_, name: string) => String(upstreams.ports[name] ?? 1)),
    );
  await write('mesh.yaml', yaml);
  const proxy = await startProxyProcess(folder, args);
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  let ids = 0;
  const ask = async ({
    host = usualHost,
    path = '/',
    method = 'GET',
    headers = {},
    body,
    id = `scenario-${++ids}`,
  }: Question): Promise<Reply> => {
    const startedMs = performance.now();
    const told = { host, ...headers, 'x-oracle-id': id };
    const reply = await send({ port: proxy.port, path, method, headers: told, agent }, body);
    return { ...reply, tookMs: performance.now() - startedMs, received: upstreams.received(id) };
  };
  return {
    ask,
    received: upstreams.received,
    async askMany(count, question) {
      const replies: Reply[] = [];
      let next = 0;
      const work = async () => {
        while (next < count) replies.push(await ask(question(next++)));
      };
      await Promise.all(Array.from({ length: 10 }, work));
      return replies;
    },
    findings: proxy.findings,
    async edit(file, text) {
      const served = proxy.nextTable();
      await write(file, text);
      await served;
    },
    port: proxy.port,
    admin: async (path) => (await fetch(`${proxy.admin}${path}`)).text(),
    async close() {
      agent.destroy();
      await proxy.close();
      await upstreams.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A service of namespace `default` on port 9080, as a ServiceEntry; `instances` by version. */
export function service(name: string, instances: Readonly<Record<string, readonly string[]>>): string {
  const endpoints = Object.entries(instances).flatMap(([version, names]) =>
    names.map((each) => `    - { address: 127.0.0.1, ports: { http: \${${each}} }, labels: { version: ${version} } }`),
  );
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name} }
spec:
  hosts: [${name}.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 9080, name: http, protocol: HTTP }]
  endpoints:
${endpoints.join('\n')}
`;
}

/** Subsets named like the versions. */
export function subsets(name: string, versions: readonly string[], trafficPolicy = ''): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec:
  host: ${name}
${trafficPolicy.replace(/^(?=.)/gm, '  ')}
  subsets:
${versions.map((version) => `    - { name: ${version}, labels: { version: ${version} } }`).join('\n')}
`;
}

export function documents(...texts: readonly string[]): string {
  return texts.join('\n---\n');
}

/** Which instance answered: `from e1` is e1. */
export function instanceOf({ body }: Pick<Reply, 'body'>): string {
  return body.replace('from ', '');
}

export function countBy<T>(items: readonly T[], key: (item: T) => string): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(items, key)].map(([name, group]) => [name, group.length]));
}

type Sent = Pick<Reply, 'status' | 'headers' | 'body'>;

function send(options: RequestOptions, body: string | undefined): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
      answer.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
