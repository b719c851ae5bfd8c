/** `sluice proxy`: serves a folder of Istio's resources, with no API server, no cluster and no state. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { ProxyCommand, ProxyPort } from '../cli/commands/proxy.ts';
import { EXIT } from '../cli/exit-code.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { dnsServer } from '../discovery/dns-server.ts';
import { type FolderTableOptions, readFolderTable } from '../discovery/read-folder-table.ts';
import { readMeshFile } from '../discovery/read-mesh-file.ts';
import { startFileDiscovery } from '../discovery/start-file-discovery.ts';
import { systemDns } from '../discovery/system-dns.ts';
import { workloadLabels } from '../discovery/workload-labels.ts';
import { createLogger } from '../lib/logger.ts';
import { DEFAULT_MESH } from '../mesh/schema/mesh-config.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';
import { startProxy } from '../proxy/start-proxy.ts';
import { listenersOf, unheardPorts } from './gateway-listeners.ts';
import { bytesOf } from './log-size.ts';
import { createMeshNotice, startSettings } from './start-settings.ts';

/** Runs until Ctrl-C or SIGTERM. */
export async function standaloneProxy(command: ProxyCommand, surroundings: Surroundings): Promise<number> {
  const { cwd, clock, random, stdout, stderr } = surroundings;
  const quit = new AbortController();
  const signal = AbortSignal.any([surroundings.signal, quit.signal]);
  const logger = createLogger({ name: 'proxy', level: 'warn', destination: pino.destination(2) });
  const folder: FolderTableOptions = {
    dir: resolve(cwd, command.manifests),
    role: command.role,
    caller: {
      namespace: command.namespace,
      labels: command.labels,
      ...(command.locality !== undefined && { locality: command.locality }),
    },
    strict: command.strict,
    ...(command.mesh !== undefined && { meshPath: resolve(cwd, command.mesh) }),
  };
  const gatewayPorts = command.role === 'gateway' ? (await readFolderTable(folder)).gatewayPorts : [];
  const listeners = listenersOf(command, gatewayPorts);
  const mesh = folder.meshPath === undefined ? DEFAULT_MESH : (await readMeshFile(folder.meshPath)).settings;
  const say = (line: string): void => void stderr.write(`${line}\n`);
  // The socket between the two halves needs a place; what else stands there is of no use to the next start.
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-proxy-'));
  const alive = setInterval(() => {}, 2 ** 30);
  const proxy = await startProxy({
    dataDir,
    host: command.host,
    listeners,
    role: command.role,
    adminPort: command.adminPort,
    workers: command.workers,
    listens: 'with a table',
    ...startSettings(command, mesh),
    accessLogBytesMost: bytesOf(command.accessLogSize),
    workerEntry: new URL('./proxy-worker.ts', import.meta.url),
    env: process.env,
    clock,
    random,
    logger,
    version: surroundings.version,
    onQuit: () => quit.abort(),
    source: sourceOf(command),
    replacesRequestIds: command.role === 'gateway',
  }).catch(async (thrown) => {
    clearInterval(alive);
    await rm(dataDir, { recursive: true, force: true });
    throw thrown;
  });
  try {
    const discovery = await startFileDiscovery({
      ...folder,
      socketPath: join(dataDir, 'proxy.sock'),
      resolve: command.dnsServer === undefined ? systemDns : dnsServer(command.dnsServer),
      clock,
      random,
      logger,
      onFindings: (lines) => lines.forEach(say),
      onGatewayPorts: createPortNotice(listeners, say),
      onMesh: createMeshNotice(command, mesh, say),
      onServed: (version) => stdout.write(`Serving table ${version}\n`),
    });
    for (const [index, port] of proxy.ports.entries()) {
      stdout.write(`Listening on ${command.host}:${port}: ${meaningOf(command, listeners[index])}\n`);
    }
    stdout.write(`Admin on http://127.0.0.1:${proxy.adminPort}\n`);
    if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    discovery.close();
  } finally {
    await proxy.close();
    clearInterval(alive);
    await rm(dataDir, { recursive: true, force: true });
  }
  return EXIT.ok;
}

function meaningOf({ role }: ProxyCommand, { servicePort }: ProxyPort = { port: 0 }): string {
  if (servicePort === undefined) return 'every service, by Host';
  return role === 'gateway' ? `port ${servicePort} of the Gateways` : `port ${servicePort} of every service`;
}

/** Says once for each port of a Gateway that it is not listened on. */
function createPortNotice(listeners: readonly ProxyPort[], write: (line: string) => void) {
  const told = new Set<number>();
  return (gatewayPorts: readonly number[]): void => {
    for (const port of unheardPorts(gatewayPorts, listeners)) {
      if (told.has(port)) continue;
      told.add(port);
      write(`warning SL0308: port ${port} of a Gateway is new: start again to listen on it`);
    }
  };
}

/** The caller beside whom the proxy stands, as metrics name it; what its labels do not say is unknown. */
function sourceOf({ namespace, labels }: ProxyCommand): WorkloadLabels {
  const metadata = { name: 'unknown', namespace, labels: { ...labels } };
  return workloadLabels({ apiVersion: 'v1', kind: 'Pod', metadata }, undefined);
}
