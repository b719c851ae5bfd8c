/** A whole proxy (parent, worker processes, sockets) in a folder of its own, with the discovery side of its socket. */

import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { FromProxy, ToProxy } from '../../src/mesh/table/handover.ts';
import { type ProxyOptions, type Proxy as RunningProxy, startProxy } from '../../src/proxy/start-proxy.ts';

export type ProxyUnderTest = RunningProxy & {
  dataDir: string;
  /** Sends messages and resolves with the answer to the commit among them. */
  hand(messages: readonly ToProxy[]): Promise<FromProxy>;
  admin(path: string): Promise<{ status: number; text: string }>;
};

export type ProxyTestOptions = {
  httpPort?: number;
  listens?: 'at once' | 'with a table';
  workers?: number;
  accessLog?: string;
  accessLogFormat?: string;
  accessLogBytesMost?: number;
  dataDir?: string;
  env?: NodeJS.ProcessEnv;
} & Pick<ProxyOptions, 'role' | 'tracing' | 'replacesRequestIds'> &
  Partial<Pick<ProxyOptions, 'logger'>>;

export async function startProxyUnderTest(options: ProxyTestOptions = {}): Promise<ProxyUnderTest> {
  const { role = 'gateway', tracing, replacesRequestIds = false } = options;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'sluice-proxy-')));
  const proxy = await startProxy({
    ...{ dataDir, role, tracing, replacesRequestIds },
    httpPort: options.httpPort ?? 0,
    listens: options.listens ?? 'at once',
    host: '127.0.0.1',
    adminPort: 0,
    workers: options.workers ?? 1,
    accessLog: options.accessLog ?? 'off',
    accessLogFormat: options.accessLogFormat ?? 'json',
    accessLogBytesMost: options.accessLogBytesMost,
    workerEntry: new URL('../../src/main/proxy-worker.ts', import.meta.url),
    env: { ...process.env, ...options.env },
    clock: systemClock,
    random: Math.random,
    logger: options.logger ?? silentLogger,
    drainMs: 2_000,
  });
  return {
    ...proxy,
    dataDir,
    hand: (messages) => handOver(join(dataDir, 'proxy.sock'), messages),
    async admin(path) {
      const response = await fetch(`http://127.0.0.1:${proxy.adminPort}${path}`);
      return { status: response.status, text: await response.text() };
    },
    async close() {
      await proxy.close();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function handOver(socketPath: string, messages: readonly ToProxy[]): Promise<FromProxy> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('error', reject);
    createInterface({ input: socket }).on('line', (line) => {
      const answer = JSON.parse(line) as FromProxy;
      if (answer.type === 'hello') {
        for (const message of messages) socket.write(`${JSON.stringify(message)}\n`);
        if (messages.length > 0) return;
      }
      socket.destroy();
      resolve(answer);
    });
  });
}
