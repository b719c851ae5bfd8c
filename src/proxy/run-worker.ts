/** A worker: owns listeners, connections and pools, serves the table that the parent hands it, and reports what it counted. */

import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { ORPHANS_SERVE_MS } from '../mesh/table/handover.ts';
import { ConnectionSet } from './connection-set.ts';
import { createDataPath, type DataPath, DEFAULT_LIMITS, type ProxyLimits } from './data-path.ts';
import { type Listeners, openListeners } from './listeners.ts';
import type { TableChange } from './prepare-change.ts';
import { createTableHolder } from './served-table.ts';
import { StagedChange } from './staged-change.ts';
import { AccessLog } from './telemetry/access-log.ts';
import { Counters } from './telemetry/counters.ts';
import { SeriesStore } from './telemetry/series-store.ts';
import { startTracing } from './tracing/start-tracing.ts';
import { type ChosenTransport, chooseTransport } from './transport/choose-transport.ts';
import { createDocumentedTransport } from './transport/documented-transport.ts';
import { ejectEndpoint, ejectExactly } from './upstream/cluster-state.ts';
import type { Channel, FromWorker, ToWorker, TransportReport, WorkerSettings } from './worker-messages.ts';
import { reportOf, usedOf } from './worker-report.ts';

const REPORT_MS = 500;
const CHUNKS_BETWEEN_COLLECTIONS = 10;
/** How long requests under way may take when a worker without its parent has stopped taking new ones. */
const ORPHAN_GRACE_MS = 2_000;

export type WorkerOptions = {
  channel: Channel<ToWorker, FromWorker>;
  clock: Clock;
  /** Numbers in [0, 1). */
  random: () => number;
  /** Gives other work a turn. */
  breathe: () => Promise<void>;
  /**
   * Has the garbage collector look at what is young. What is made for a table lives on, and is moved while nothing else happens: now
   * and then a little (measured: 0.7 ms), rather than 15 to 19 ms long when there is no room left.
   */
  collectYoung: () => void;
  exit: (code: number) => void;
  limits?: Partial<ProxyLimits>;
  /** `documented` forgoes the fast transport, whatever its self-test would say. */
  transport?: 'documented' | undefined;
};

/** Runs until it is told to drain, or its parent is gone. */
export function runWorker(options: WorkerOptions): void {
  const { channel, clock, exit } = options;
  let worker: Promise<Worker> | undefined;
  const leave = async (graceMs: number) => {
    await (await worker?.catch(() => undefined))?.drain(graceMs);
    exit(0);
  };
  channel.onMessage((message, socket) => {
    if (message.type === 'start') {
      worker = startWorker(message.settings, options);
      worker.then(
        ({ chosen }) => channel.send({ type: 'started', ...chosen }),
        (thrown) => channel.send({ type: 'failed', reason: messageOf(thrown) }),
      );
    } else if (message.type === 'drain') void leave(message.graceMs);
    else void worker?.then((running) => running.handle(message, socket)).catch(() => {});
  });
  channel.onDisconnect(() => void clock.after(ORPHANS_SERVE_MS, () => void leave(ORPHAN_GRACE_MS)));
}

type Worker = {
  chosen: TransportReport;
  handle(message: Exclude<ToWorker, { type: 'start' | 'drain' }>, socket: object | undefined): Promise<void>;
  drain(graceMs: number): Promise<void>;
};

async function startWorker(settings: WorkerSettings, options: WorkerOptions): Promise<Worker> {
  const { channel, clock, random, breathe, collectYoung } = options;
  const store = new SeriesStore(settings.source);
  const table = createTableHolder({
    random,
    nowMs: () => clock.monotonicMs(),
    store,
    breathe: async () => {
      collectYoung();
      await breathe();
    },
    servicePorts: servicePortsOf(settings),
  });
  const { transport, fallbackReason } = await transportOf(options);
  const counters = new Counters();
  const accessLog = AccessLog.open(settings.accessLog, {
    clock,
    onLost: (lines) => counters.add('sluice_proxy_access_log_lines_lost_total', lines),
  });
  const tracing = settings.tracing && startTracing(settings, settings.tracing, { clock, random, counters });
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const onOutlier = (cluster: string, address: string) => {
    const state = table.current.clusters.get(cluster);
    if (state !== undefined && ejectEndpoint(state, address)) channel.send({ type: 'eject', cluster, address });
  };
  const path = createDataPath({
    transport,
    table,
    store,
    clock,
    random,
    limits,
    counters,
    accessLog,
    role: settings.role,
    reading: settings.reading,
    replacesRequestIds: settings.replacesRequestIds === true,
    tracer: tracing?.tracer,
    onOutlier,
  });
  const connections = new ConnectionSet(path);
  let listeners: readonly Listeners[] = [];
  const sockets: BoundSocket[] = [];
  const staged = new StagedChange();
  let chunks = 0;
  const report = (id?: number) => {
    const made = reportOf(path, store, connections.size);
    if (id === undefined) channel.send({ type: 'report', report: made });
    else channel.send({ type: 'report', id, report: { ...made, ...usedOf(path) } });
  };
  reportEvery(clock, report);

  return {
    chosen: { transport: transport.name, fallbackReason },
    async handle(message, socket) {
      switch (message.type) {
        case 'listen':
          try {
            listeners = await listenAll(settings, sockets, connections);
            return channel.send({ type: 'listening', ports: listeners.map(({ port }) => port) });
          } catch (thrown) {
            return channel.send({ type: 'failed', reason: messageOf(thrown) });
          }
        case 'socket':
          if (socket !== undefined) sockets.push({ listener: message.listener, socket });
          return;
        case 'stage':
          staged.add(message.puts);
          if (++chunks % CHUNKS_BETWEEN_COLLECTIONS === 0) collectYoung();
          return channel.send({ type: 'staged', id: message.id });
        case 'prepare':
          return prepare(path, { ...message.change, puts: staged.take() }, channel);
        case 'publish':
          table.publish();
          return channel.send({ type: 'published', version: table.current.version });
        case 'reopenLog':
          return accessLog?.reopen();
        case 'collect':
          return report(message.id);
        case 'ejections': {
          const state = table.current.clusters.get(message.cluster);
          if (state !== undefined) ejectExactly(state, message.addresses);
          return;
        }
        default:
          return message satisfies never;
      }
    },
    async drain(graceMs) {
      await connections.untilNobodyComes(breathe);
      for (const listener of listeners) listener.close();
      await connections.drain(graceMs);
      report();
      await Promise.all([accessLog?.close(), tracing?.close()]);
    },
  };
}

async function transportOf({ transport, clock }: WorkerOptions): Promise<ChosenTransport> {
  return transport === 'documented' ? { transport: createDocumentedTransport() } : await chooseTransport(clock);
}

/** A socket that the parent has bound, for the listener at this position. */
type BoundSocket = { listener: number; socket: object };

/** Opens all listeners, or none. */
async function listenAll(
  { host, listeners }: WorkerSettings,
  bound: readonly BoundSocket[],
  connections: ConnectionSet,
): Promise<Listeners[]> {
  const opened: Listeners[] = [];
  try {
    for (const [index, { port, servicePort }] of listeners.entries()) {
      const sockets = bound.filter(({ listener }) => listener === index).map(({ socket }) => socket);
      opened.push(await openListeners({ host, port, sockets }, (socket) => connections.accept(socket, servicePort)));
    }
    return opened;
  } catch (thrown) {
    for (const listener of opened) listener.close();
    throw thrown;
  }
}

function servicePortsOf({ listeners }: WorkerSettings): number[] {
  return listeners.flatMap(({ servicePort }) => (servicePort === undefined ? [] : [servicePort]));
}

async function prepare(
  { table }: DataPath,
  change: TableChange,
  channel: Channel<ToWorker, FromWorker>,
): Promise<void> {
  try {
    const skipped = await table.prepare(change);
    channel.send({ type: 'prepared', version: change.version, skipped });
  } catch (thrown) {
    channel.send({ type: 'refused', version: change.version, reason: messageOf(thrown) });
  }
}

function reportEvery(clock: Clock, report: () => void): void {
  clock.after(REPORT_MS, () => {
    report();
    reportEvery(clock, report);
  });
}
