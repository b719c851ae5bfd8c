/** What parent and workers say to each other over Node's channel between processes. */

import type { SkippedHost, TableItem } from '../mesh/table/handover.ts';
import type { RequestReading } from '../mesh/table/request-reading.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';
import type { TableChange } from './prepare-change.ts';
import type { AccessLogSettings } from './telemetry/access-log.ts';
import type { CounterDeltas } from './telemetry/counters.ts';
import type { SeriesDelta } from './telemetry/series-store.ts';
import type { TracingSettings } from './tracing/span.ts';
import type { Transport } from './transport/link.ts';

/** A port to listen on; with `servicePort` its requests are taken as a caller's on that port of the services, whatever their Host says. */
export type ListenerSetting = { port: number; servicePort?: number };

/** A gateway stands between strangers and the services; a sidecar beside a caller whom it trusts. */
export type ProxyRole = 'gateway' | 'sidecar';

export type WorkerSettings = {
  host: string;
  listeners: readonly ListenerSetting[];
  accessLog: AccessLogSettings;
  role: ProxyRole;
  reading: RequestReading;
  /** Whether the ids of callers are replaced. */
  replacesRequestIds?: boolean | undefined;
  tracing?: TracingSettings | undefined;
  /** The workload beside which the proxy stands. */
  source?: WorkloadLabels | undefined;
};

export type ToWorker =
  | { type: 'start'; settings: WorkerSettings }
  /** Take connections. Said once the table is served, so that nobody meets a worker without one. */
  | { type: 'listen' }
  /** Comes with a bound socket for the listener at this position, before `listen`. */
  | { type: 'socket'; listener: number }
  /** A part of what the next change puts; answered with `staged`. */
  | { type: 'stage'; id: number; puts: readonly TableItem[] }
  /** Build what was staged, without what is removed, but do not serve it yet. */
  | { type: 'prepare'; change: Omit<TableChange, 'puts'> }
  | { type: 'publish' }
  /** The access log was taken away: go on in a new file. */
  | { type: 'reopenLog' }
  | { type: 'collect'; id: number }
  /** Endpoints of the cluster that get no requests; all others do. */
  | { type: 'ejections'; cluster: string; addresses: readonly string[] }
  /** Take no new connections, finish what is in flight, then exit. */
  | { type: 'drain'; graceMs: number };

export type EndpointLoad = { cluster: string; address: string; active: number; idle: number; ejected: boolean };

/** What is in use of a cluster in one worker, and which of its limits are reached. */
export type ClusterReport = {
  cluster: string;
  connections: number;
  waiting: number;
  requests: number;
  ejected: number;
  reached: { cx: boolean; rq_pending: boolean; rq: boolean; rq_retry: boolean };
};

export type WorkerReport = {
  series: readonly SeriesDelta[];
  counters: CounterDeltas;
  connections: number;
  /** Only when it was asked for: there may be thousands. */
  endpoints?: readonly EndpointLoad[];
  /** Likewise. */
  clusters?: readonly ClusterReport[];
};

/** What a worker uses of Node's sockets, and why not the fast one, if that was tried. */
export type TransportReport = { transport: Transport['name']; fallbackReason?: string | undefined };

export type FromWorker =
  | ({ type: 'started' } & TransportReport)
  | { type: 'listening'; ports: readonly number[] }
  | { type: 'failed'; reason: string }
  | { type: 'staged'; id: number }
  | { type: 'prepared'; version: number; skipped: readonly SkippedHost[] }
  | { type: 'refused'; version: number; reason: string }
  | { type: 'published'; version: number }
  /** The endpoint failed too often in a row, and is taken out here. */
  | { type: 'eject'; cluster: string; address: string }
  /** Unasked now and then, so that little is lost with a worker; with an id as answer to `collect`. */
  | { type: 'report'; id?: number; report: WorkerReport };

/** One end of the channel, as both sides see it. */
export type Channel<In, Out> = {
  send(message: Out): void;
  /** Some messages bring a bound socket. */
  onMessage(listener: (message: In, socket?: object) => void): void;
  onDisconnect(listener: () => void): void;
};
