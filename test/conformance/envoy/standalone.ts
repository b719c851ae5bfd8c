/** The stand-alone proxies as processes, serving the resources of the cases against upstreams of ours, in the three roles of the set-up. */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Case, Logged } from './cases.ts';
import type { Upstreams } from './upstream.ts';

export type Standalone = {
  /** Port of the listener that a request means by `via`; none when no proxy stands there. */
  port(via: string): number | undefined;
  /** `KIND NAMESPACE/NAME` of every resource that was refused. */
  refused: ReadonlySet<string>;
  /** @returns what the log says about each request, by its id */
  close(): Promise<ReadonlyMap<string, Logged>>;
};

const SLUICE = fileURLToPath(new URL('../../../src/main/sluice.ts', import.meta.url));
/** Where the recorded endpoints listened: e1 on 9101 and so on; nobody listens on port 1. */
const FIRST_PORT = 9101;
const NOBODY = 1;

type Place = { args: readonly string[]; listeners: Readonly<Record<string, number>> };

/** Who called in the recorded set-up, and on which ports of the services (README.md). */
const PLACES: readonly Place[] = [
  {
    args: ['--labels', 'app=client,tier=web', '--namespace', 'default'],
    listeners: { client: 9080, 'client-9081': 9081, 'client-80': 80 },
  },
  { args: ['--labels', 'app=limited', '--namespace', 'restricted'], listeners: { restricted: 9080 } },
  {
    args: ['--role', 'gateway', '--labels', 'istio=ingressgateway', '--namespace', 'ingress'],
    listeners: { gateway: 8080 },
  },
];

/** What the restricted caller may see. */
const SIDECAR = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Sidecar',
  metadata: { name: 'default', namespace: 'restricted' },
  spec: { egress: [{ hosts: ['./*', 'istio-system/*'] }], outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
};

const LOG_FORMAT = '%REQ(X-ORACLE-ID)% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_CLUSTER%';

export async function startStandalone(cases: readonly Case[], upstreams: Upstreams): Promise<Standalone> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-conformance-'));
  await mkdir(join(folder, 'cases'));
  await writeFile(join(folder, 'cases', 'set-up.yaml'), JSON.stringify(SIDECAR));
  for (const each of cases) await writeFile(join(folder, 'cases', `${each.name}.yaml`), manifestsOf(each, upstreams));
  const meant = new Set(cases.flatMap(({ requests }) => requests.map(({ via = 'client' }) => via)));
  const places = PLACES.filter(({ listeners }) => Object.keys(listeners).some((via) => meant.has(via)));
  const proxies = await Promise.all(places.map((place) => startOne(join(folder, 'cases'), place)));
  const ports = new Map(proxies.flatMap(({ ports: opened }) => [...opened]));
  return {
    port: (via) => ports.get(via),
    refused: proxies.map(({ refused }) => refused).reduce((all, some) => all.union(some)),
    async close() {
      await Promise.all(proxies.map(({ close }) => close()));
      const logged = readLog(await readFile(join(folder, 'access.log'), 'utf8'));
      await rm(folder, { recursive: true, force: true });
      return logged;
    },
  };
}

/** What the log says about each request, by its id; copies have none of their own. */
function readLog(text: string): Map<string, Logged> {
  const lines = text.split('\n').map((line) => line.split(' '));
  return new Map(
    lines
      .filter(([, , details]) => details !== undefined && details !== 'mirror')
      .map(([id = '', flags = '', details = '', cluster = '']) => [id, { flags, details, cluster }]),
  );
}

type Running = { ports: ReadonlyMap<string, number>; refused: Set<string>; close(): Promise<void> };

async function startOne(folder: string, { args, listeners }: Place): Promise<Running> {
  const ports = Object.values(listeners).flatMap((port) => ['--port', `0=${port}`]);
  const log = ['--access-log', join(folder, '..', 'access.log'), '--access-log-format', LOG_FORMAT];
  const options = ['--admin', '127.0.0.1:0', ...args, '--strict', ...log];
  const child = spawn(process.execPath, [SLUICE, 'proxy', '-f', folder, ...ports, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listening = new Map<number, number>();
  const refused = new Set<string>();
  const served = Promise.withResolvers<void>();
  child.once('exit', (code) => served.reject(new Error(`The proxy ended with ${code}`)));
  createInterface({ input: child.stderr }).on('line', (line) => {
    const [, resource] = /^error SL\d+ (\S+ \S+):/.exec(line) ?? [];
    if (resource !== undefined) refused.add(resource);
    else if (line.startsWith('{')) process.stderr.write(`${line}\n`);
  });
  let isServing = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, port, servicePort] = /:(\d+): port (\d+) of/.exec(line) ?? [];
    if (port !== undefined) listening.set(Number(servicePort), Number(port));
    if (line.startsWith('Serving table')) isServing = true;
    if (isServing && listening.size === Object.keys(listeners).length) served.resolve();
  });
  await served.promise;
  return {
    ports: new Map(Object.entries(listeners).map(([via, servicePort]) => [via, listening.get(servicePort) ?? 0])),
    refused,
    async close() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function manifestsOf({ resources }: Case, upstreams: Upstreams): string {
  const documents = resources.map(({ _phase = 0, ...resource }) => ({
    ...resource,
    metadata: { ...resource.metadata, creationTimestamp: `2026-01-01T00:00:0${_phase}Z` },
  }));
  return documents
    .map((document) => JSON.stringify(document, (key, value) => (key === 'ports' ? portsOf(value, upstreams) : value)))
    .join('\n---\n');
}

/** The ports of an endpoint, by name; lists of ports are those of a service, and stay. */
function portsOf(ports: unknown, upstreams: Upstreams): unknown {
  if (Array.isArray(ports) || typeof ports !== 'object' || ports === null) return ports;
  const moved = Object.entries(ports).map(([name, port]) => [
    name,
    upstreams.ports[`e${Number(port) - FIRST_PORT + 1}`] ?? NOBODY,
  ]);
  return Object.fromEntries(moved);
}
