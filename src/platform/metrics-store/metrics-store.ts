/**
 * The embedded metrics store: scrapes targets, keeps two hours in memory, and answers PromQL behind Prometheus' HTTP API on
 * loopback. A real Prometheus takes its place by being named instead.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import type { Clock } from '../../lib/clock.ts';
import { SluiceError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { createApiServer } from './api-server.ts';
import type { MetricMetadata } from './exposition-parser.ts';
import { fetchPage } from './fetch-page.ts';
import { DEFAULT_SETTINGS, type EvalSettings } from './promql/eval-context.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { SeriesStore } from './series-store.ts';
import type { ScrapeTarget } from './target-scraper.ts';

export type MetricsStoreOptions = {
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** One second unless stated. */
  scrapeIntervalMs?: number;
  /** Two hours unless stated. */
  retentionMs?: number;
  settings?: Partial<EvalSettings>;
};

export type MetricsStore = {
  /** Root of the HTTP API: what a Prometheus' address would be. */
  url: string;
  /** Replaces the list of what is scraped. */
  setTargets(targets: readonly ScrapeTarget[]): void;
  close(): Promise<void>;
};

const SERIES_MAX = 20_000;
/** 16 bytes each: 96 MB at most, however many series there are. */
const SAMPLES_MAX = 6_000_000;
/** The evaluator runs beside the controller, so that no single query may keep it busy for long. */
const QUERY_SAMPLES_MAX = 5_000_000;
const SWEEP_MS = 60_000;
/** May exceed the interval, other than in Prometheus: on a busy machine a late page is evidence, and none stops a rollout. */
const SCRAPE_TIMEOUT_MS = 5_000;

/** @throws SluiceError SL0003 when the port is in use */
export async function startMetricsStore(options: MetricsStoreOptions): Promise<MetricsStore> {
  const { clock, logger, random, scrapeIntervalMs = 1_000, retentionMs = 7_200_000 } = options;
  const store = new SeriesStore({
    seriesMax: SERIES_MAX,
    samplesMax: SAMPLES_MAX,
    samplesPerSeriesMax: Math.ceil(retentionMs / scrapeIntervalMs) + 1,
  });
  const metadata = new Map<string, MetricMetadata>();
  const settings = { ...DEFAULT_SETTINGS, samplesMax: QUERY_SAMPLES_MAX, ...options.settings };
  const server = createApiServer({ store, metadata, settings, now: () => clock.now() }, logger);
  const url = await listen(server, options.port);
  const dispatcher = new Agent({ connections: 2, keepAliveTimeout: 10_000 });
  const loop = new ScrapeLoop({
    ...{ store, clock, logger, metadata, random },
    intervalMs: scrapeIntervalMs,
    fetchPage: (page, signal) => fetchPage(page, { dispatcher, clock, signal, timeoutMs: SCRAPE_TIMEOUT_MS }),
  });
  const stopSweeping = sweep(store, clock, retentionMs);
  return {
    url,
    setTargets: (targets) => loop.setTargets(targets),
    async close() {
      stopSweeping();
      loop.setTargets([]);
      server.closeAllConnections();
      await Promise.all([once(server.close(), 'close'), dispatcher.destroy()]);
    },
  };
}

async function listen(server: ReturnType<typeof createApiServer>, port: number): Promise<string> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new SluiceError('SL0003', `The port of the metrics store must be free: 127.0.0.1:${port} is in use`, {
      cause,
    });
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sweep(store: SeriesStore, clock: Clock, retentionMs: number): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.after(SWEEP_MS, () => {
      store.dropUntil(clock.now() - retentionMs);
      next();
    });
  };
  next();
  return () => cancel();
}
