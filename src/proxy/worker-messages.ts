/** What parent and workers say to each other over Node's channel between processes. */

import type { TableChange } from './served-table.ts';
import type { CounterDeltas } from './telemetry/counters.ts';
import type { SeriesDelta } from './telemetry/request-series.ts';

export type WorkerSettings = { host: string; port: number; accessLog: string };

export type ToWorker =
  | { type: 'start'; settings: WorkerSettings }
  /** Build, but do not serve yet. */
  | { type: 'prepare'; change: TableChange }
  | { type: 'publish' }
  | { type: 'collect'; id: number }
  /** Take no new connections, finish what is in flight, then exit. */
  | { type: 'drain'; graceMs: number };

export type EndpointLoad = { cluster: string; address: string; active: number; idle: number };

export type WorkerReport = {
  series: readonly SeriesDelta[];
  counters: CounterDeltas;
  connections: number;
  transport: string;
  endpoints: readonly EndpointLoad[];
};

export type FromWorker =
  | { type: 'listening'; port: number }
  | { type: 'failed'; reason: string }
  | { type: 'prepared'; version: number }
  | { type: 'refused'; version: number; reason: string }
  | { type: 'published'; version: number }
  /** Unasked now and then, so that little is lost with a worker; with an id as answer to `collect`. */
  | { type: 'report'; id?: number; report: WorkerReport };

/** One end of the channel, as both sides see it. */
export type Channel<In, Out> = {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  onDisconnect(listener: () => void): void;
};
