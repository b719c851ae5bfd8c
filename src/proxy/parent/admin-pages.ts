/** The pages of the admin port, by path: Envoy's names where Envoy has them, and what each answers. */

import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { buildStringMatcher } from '../../mesh/table/string-matcher.ts';
import { type AdminAnswer, collect, json, text } from './admin-answer.ts';
import { DUMP_PAGES } from './dump-pages.ts';
import type { MetricFamily } from './exposition.ts';
import { expositionText, statsJson, statsText } from './exposition.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import { proxyGauges } from './proxy-gauges.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What the pages tell about, and what they may do. */
export type AdminSubject = {
  pool: WorkerPool;
  metrics: MetricsRegistry;
  clock: Clock;
  logger: Logger;
  /** Of this program. */
  version: string;
  /** Monotonic. */
  startedMs: number;
  /** How long requests in flight may take when the listeners are drained. */
  drainMs: number;
  /** Ends the program in order; absent: whoever started it does that. */
  onQuit?: (() => void) | undefined;
};

export type AdminPage = {
  /** Pages that change something want POST. */
  method: 'GET' | 'POST';
  help: string;
  answer(subject: AdminSubject, query: URLSearchParams): AdminAnswer | Promise<AdminAnswer>;
};

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const ready: AdminPage = {
  method: 'GET',
  help: '200 once every worker serves a table, else 503',
  answer: ({ pool }) => (pool.isReady ? text('ready\n') : text('not every worker serves a table\n', 503)),
};

const prometheus: AdminPage = {
  method: 'GET',
  help: 'metrics for Prometheus',
  answer: async (subject) => ({ status: 200, type: PROMETHEUS, body: expositionText(await familiesOf(subject)) }),
};

export const ADMIN_PAGES: Readonly<Record<string, AdminPage>> = {
  '/metrics': prometheus,
  '/stats/prometheus': prometheus,
  '/stats': { method: 'GET', help: 'metrics by name; ?filter=REGEX, ?format=json|prometheus', answer: stats },
  '/healthz': { method: 'GET', help: '200 while the proxy lives', answer: () => text('ok\n') },
  '/healthz/ready': ready,
  '/ready': ready,
  '/readyz': ready,
  '/server_info': { method: 'GET', help: 'version, state and uptime', answer: serverInfo },
  '/workers': { method: 'GET', help: 'worker processes, and the table each serves', answer: workers },
  ...DUMP_PAGES,
  '/logging': { method: 'POST', help: `level of the operational log; ?level=${LEVELS.join('|')}`, answer: logging },
  '/reopen_logs': {
    method: 'POST',
    help: 'go on in a new access log, where the old one was taken away',
    answer({ pool }) {
      pool.reopenLogs();
      return text('OK\n');
    },
  },
  '/drain_listeners': {
    method: 'POST',
    help: 'take no new connections and finish what is in flight',
    answer({ pool, drainMs }) {
      void pool.stop(drainMs);
      return text('OK\n');
    },
  },
  '/quitquitquit': {
    method: 'POST',
    help: 'end the proxy in order',
    answer({ onQuit }) {
      if (onQuit === undefined) return text('This proxy is ended by what started it\n', 501);
      onQuit();
      return text('OK\n');
    },
  },
};

/** The list of pages. */
export function adminHelp(): string {
  return Object.entries(ADMIN_PAGES)
    .map(([path, { method, help }]) => `${path}${method === 'POST' ? ' (POST)' : ''}: ${help}\n`)
    .join('');
}

async function stats(subject: AdminSubject, query: URLSearchParams): Promise<AdminAnswer> {
  const filter = filterOf(query.get('filter'));
  if (filter === undefined) return text('filter must be a regular expression of RE2\n', 400);
  const families = await familiesOf(subject);
  switch (query.get('format')) {
    case 'prometheus':
      return { status: 200, type: PROMETHEUS, body: expositionText(families) };
    case 'json':
      return { status: 200, type: 'application/json', body: statsJson(families, filter) };
    default:
      return text(statsText(families, filter));
  }
}

function filterOf(pattern: string | null): ((series: string) => boolean) | undefined {
  if (pattern === null) return () => true;
  try {
    return buildStringMatcher({ kind: 'regex', value: `.*(?:${pattern}).*` });
  } catch {
    return undefined;
  }
}

async function familiesOf(subject: AdminSubject): Promise<MetricFamily[]> {
  const { pool, metrics, version } = subject;
  await collect(subject);
  return [...metrics.families(), ...proxyGauges(pool, { version, uptimeSeconds: uptimeOf(subject) })];
}

function uptimeOf({ clock, startedMs }: AdminSubject): number {
  return Math.floor((clock.monotonicMs() - startedMs) / 1_000);
}

function serverInfo(subject: AdminSubject): AdminAnswer {
  const { pool, version } = subject;
  return json({
    version,
    state: pool.isStopping ? 'DRAINING' : pool.isReady ? 'LIVE' : 'INITIALIZING',
    uptime_current_epoch: `${uptimeOf(subject)}s`,
    table_version: pool.table.version,
    workers: pool.workers.length,
  });
}

function workers({ pool }: AdminSubject): AdminAnswer {
  return json(
    pool.workers.map(({ pid, version, transport, report }) => ({
      pid,
      version,
      connections: report?.connections ?? 0,
      transport: transport ?? 'unknown',
    })),
  );
}

function logging({ logger }: AdminSubject, query: URLSearchParams): AdminAnswer {
  const level = query.get('level');
  if (level === null || !LEVELS.includes(level)) return text(`level must be one of ${LEVELS.join(', ')}\n`, 400);
  logger.level = level;
  return text(`active level: ${level}\n`);
}
