/** `sluice proxy`: serves a folder of Istio's resources, with no API server, no cluster and no state. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import type { ProxyCommand } from '../cli/commands/proxy.ts';
import { EXIT } from '../cli/exit-code.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { startFileDiscovery } from '../discovery/start-file-discovery.ts';
import { createLogger } from '../lib/logger.ts';
import { startProxy } from '../proxy/start-proxy.ts';

/** Runs until Ctrl-C or SIGTERM. */
export async function standaloneProxy(command: ProxyCommand, surroundings: Surroundings): Promise<number> {
  const { clock, random, signal, stdout, stderr } = surroundings;
  const logger = createLogger({ name: 'proxy', level: 'warn', destination: pino.destination(2) });
  // The socket between the two halves needs a place; what else stands there is of no use to the next start.
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-proxy-'));
  const alive = setInterval(() => {}, 2 ** 30);
  const proxy = await startProxy({
    dataDir,
    host: command.host,
    listeners: command.ports,
    role: 'sidecar',
    adminPort: command.adminPort,
    workers: command.workers,
    accessLog: command.accessLog,
    workerEntry: new URL('./proxy-worker.ts', import.meta.url),
    env: process.env,
    clock,
    random,
    logger,
  }).catch(async (thrown) => {
    clearInterval(alive);
    await rm(dataDir, { recursive: true, force: true });
    throw thrown;
  });
  try {
    const discovery = await startFileDiscovery({
      dir: resolve(surroundings.cwd, command.manifests),
      socketPath: join(dataDir, 'proxy.sock'),
      caller: {
        namespace: command.namespace,
        labels: command.labels,
        ...(command.locality !== undefined && { locality: command.locality }),
      },
      strict: command.strict,
      clock,
      random,
      logger,
      onFindings: (lines) => stderr.write(lines.map((line) => `${line}\n`).join('')),
      onServed: (version) => stdout.write(`Serving table ${version}\n`),
    });
    for (const [index, port] of proxy.ports.entries()) {
      const servicePort = command.ports[index]?.servicePort;
      const meaning = servicePort === undefined ? 'every service, by Host' : `port ${servicePort} of every service`;
      stdout.write(`Listening on ${command.host}:${port}: ${meaning}\n`);
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
