/** The admin port, on the loopback interface only: health, metrics, and what is served to whom. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, delay } from '../../lib/clock.ts';
import { SluiceError } from '../../lib/errors.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import { toRouteTable } from './stored-table.ts';
import type { WorkerPool } from './worker-pool.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** A worker that does not answer in time is left out of a scrape; what it counted comes with the next. */
const COLLECT_MS = 500;

export type AdminOptions = { port: number; pool: WorkerPool; metrics: MetricsRegistry; clock: Clock };

/** @throws SluiceError SL0401 when the port cannot be bound */
export async function openAdmin(options: AdminOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    void answer((request.url ?? '/').split('?')[0] ?? '/', response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new SluiceError('SL0401', `Admin port ${options.port} cannot be bound: ${cause.message}`, { cause })),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(path: string, response: ServerResponse, { pool, metrics, clock }: AdminOptions): Promise<void> {
  switch (path) {
    case '/metrics':
    case '/stats/prometheus':
      await Promise.race([pool.collect(), delay(clock, COLLECT_MS)]);
      return send(response, 200, METRICS_TYPE, metrics.text(gaugesOf(pool)));
    case '/healthz':
      return send(response, 200, 'text/plain', 'ok\n');
    case '/ready':
    case '/readyz':
      return send(
        response,
        pool.isReady ? 200 : 503,
        'text/plain',
        pool.isReady ? 'ready\n' : 'not every worker serves a table\n',
      );
    case '/routes':
      return sendJson(response, toRouteTable(pool.table));
    case '/clusters':
      await Promise.race([pool.collect(), delay(clock, COLLECT_MS)]);
      return sendJson(response, clustersOf(pool));
    case '/workers':
      return sendJson(
        response,
        pool.workers.map(({ pid, version, report }) => ({
          pid,
          version,
          connections: report?.connections ?? 0,
          transport: report?.transport ?? 'unknown',
        })),
      );
    default:
      return send(response, 404, 'text/plain', '/metrics /healthz /readyz /routes /clusters /workers\n');
  }
}

function gaugesOf(pool: WorkerPool): Record<string, number> {
  return {
    sluice_proxy_table_version: pool.table.version,
    sluice_proxy_workers: pool.workers.length,
    sluice_proxy_connections: pool.workers.reduce((sum, { report }) => sum + (report?.connections ?? 0), 0),
  };
}

function clustersOf(pool: WorkerPool): unknown {
  const { clusters, endpoints } = toRouteTable(pool.table);
  const loads = pool.workers.flatMap(({ report }) => report?.endpoints ?? []);
  return Object.values(clusters).map((cluster) => ({
    ...cluster,
    endpoints: (endpoints[cluster.name]?.endpoints ?? []).map((endpoint) => {
      const mine = loads.filter((load) => load.cluster === cluster.name && load.address === endpoint.address);
      const sum = (key: 'active' | 'idle') => mine.reduce((total, load) => total + load[key], 0);
      return { ...endpoint, active: sum('active'), idle: sum('idle') };
    }),
  }));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', `${JSON.stringify(value)}\n`);
}
