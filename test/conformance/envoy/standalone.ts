/** The stand-alone proxy as a process, serving the resources of the cases against upstreams of ours. */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.ts';
import type { Upstreams } from './upstream.ts';

export type Standalone = {
  /** Port of the listener for this port of the services. */
  port(servicePort: number): number;
  /** `KIND NAMESPACE/NAME` of every resource that was refused. */
  refused: ReadonlySet<string>;
  close(): Promise<void>;
};

const SLUICE = fileURLToPath(new URL('../../../src/main/sluice.ts', import.meta.url));
/** Where the recorded endpoints listened: e1 on 9101 and so on; nobody listens on port 1. */
const FIRST_PORT = 9101;
const NOBODY = 1;
const SERVICE_PORTS = [9080, 9081, 80];

export async function startStandalone(cases: readonly Case[], upstreams: Upstreams): Promise<Standalone> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-conformance-'));
  await mkdir(join(folder, 'cases'));
  for (const each of cases) await writeFile(join(folder, 'cases', `${each.name}.yaml`), manifestsOf(each, upstreams));
  const ports = SERVICE_PORTS.flatMap((port) => ['--port', `0=${port}`]);
  const options = ['--admin', '127.0.0.1:0', '--labels', 'app=client,tier=web', '--namespace', 'default', '--strict'];
  const child = spawn(process.execPath, [SLUICE, 'proxy', '-f', join(folder, 'cases'), ...ports, ...options], {
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
    if (isServing && listening.size === SERVICE_PORTS.length) served.resolve();
  });
  await served.promise;
  return {
    port: (servicePort) => listening.get(servicePort) ?? 0,
    refused,
    async close() {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
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
