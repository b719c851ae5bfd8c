/** The proxy as a whole: a parent that keeps workers, the table and the totals, and never touches a request. */

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { DEFAULT_READING, type RequestReading } from '../mesh/table/request-reading.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';
import { openAdmin } from './parent/admin-server.ts';
import { openHandover } from './parent/handover-server.ts';
import { rotateLog } from './parent/log-rotation.ts';
import { MetricsRegistry } from './parent/metrics-registry.ts';
import { loadTable, saveTable } from './parent/stored-table.ts';
import { WorkerPool, type WorkerPoolOptions } from './parent/worker-pool.ts';
import { accessFormatOf } from './telemetry/access-format.ts';
import type { TracingSettings } from './tracing/span.ts';
import type { ListenerSetting, ProxyRole } from './worker-messages.ts';

export type ProxyOptions = {
  /** Holds `proxy.sock` and `table.json`. */
  dataDir: string;
  /** Where every service is reached by Host; 0 for a free port. */
  httpPort?: number;
  /** Instead of `httpPort`: several ports, some perhaps for one port of the services only. */
  listeners?: readonly ListenerSetting[];
  /** `gateway` unless told otherwise. */
  role?: ProxyRole;
  /** How requests are read; as in Istio unless told otherwise. */
  reading?: RequestReading;
  /** Address to listen on; all interfaces by default. */
  host?: string;
  /** 0 for a free port; always on the loopback interface. */
  adminPort: number;
  workers: number;
  /** When connections are taken; `at once` unless told otherwise. */
  listens?: WorkerPoolOptions['listens'];
  /** A file, `stdout` or `off`. */
  accessLog: string;
  /** `json` (the default), `text`, or text with Envoy's commands. */
  accessLogFormat?: string;
  /** A larger access log is renamed, and three old ones are kept; absent: it grows. */
  accessLogBytesMost?: number | undefined;
  /** The module that runs a worker. */
  workerEntry: URL | string;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  /** Numbers in [0, 1). */
  random: () => number;
  logger: Logger;
  /** How long requests in flight may take once the proxy is closed. */
  drainMs?: number;
  /** Of this program, for those who ask. */
  version?: string;
  /** Ends the program when the admin port is told to. */
  onQuit?: () => void;
  /** Whether x-request-id of callers is replaced, as at the edge of a mesh. */
  replacesRequestIds?: boolean;
  /** Absent: nothing is traced. */
  tracing?: TracingSettings | undefined;
  /** The workload beside which the proxy stands, for metrics; absent: nobody knows who calls. */
  source?: WorkloadLabels;
};

export type Proxy = { httpPort: number; ports: readonly number[]; adminPort: number; close(): Promise<void> };

const DRAIN_MS = 5_000;

/**
 * Starts with the saved table, if there is one, and resolves when connections are served.
 *
 * @throws SluiceError SL0400 (HTTP port), SL0401 (admin port) or SL0403 (format of the access log)
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { dataDir, clock, random, logger, workerEntry, accessLog, drainMs = DRAIN_MS } = options;
  const { accessLogFormat = 'json', accessLogBytesMost } = options;
  accessFormatOf(accessLogFormat);
  const logFile = accessLog === 'off' || accessLog === 'stdout' ? undefined : resolve(accessLog);
  const metrics = new MetricsRegistry();
  const pool = new WorkerPool({
    workers: options.workers,
    listens: options.listens ?? 'at once',
    entry: workerEntry instanceof URL ? fileURLToPath(workerEntry) : workerEntry,
    env: options.env,
    settings: {
      host: options.host ?? '0.0.0.0',
      listeners: options.listeners ?? [{ port: options.httpPort ?? 0 }],
      role: options.role ?? 'gateway',
      reading: options.reading ?? DEFAULT_READING,
      source: options.source,
      replacesRequestIds: options.replacesRequestIds,
      tracing: options.tracing,
      accessLog: { to: logFile ?? accessLog, format: accessLogFormat },
    },
    table: await loadTable(dataDir),
    metrics,
    clock,
    random,
    logger,
    save: (table) => saveTable(dataDir, table),
  });
  const admin = await openAdmin(options.adminPort, {
    ...{ pool, metrics, clock, logger, drainMs },
    version: options.version ?? 'unknown',
    startedMs: clock.monotonicMs(),
    onQuit: options.onQuit,
  });
  try {
    const ports = await pool.start();
    const closed = new AbortController();
    if (logFile !== undefined && accessLogBytesMost !== undefined) {
      const onRenamed = () => pool.reopenLogs();
      void rotateLog({ file: logFile, bytesMost: accessLogBytesMost, clock, onRenamed }, closed.signal);
    }
    const handover = await openHandover(join(dataDir, 'proxy.sock'), pool);
    return {
      httpPort: ports[0] ?? 0,
      ports,
      adminPort: admin.port,
      async close() {
        closed.abort();
        await handover.close();
        await pool.stop(drainMs);
        await admin.close();
      },
    };
  } catch (thrown) {
    await pool.stop(0);
    await admin.close();
    throw thrown;
  }
}
