/** What all connections of a worker share, and the limits that keep one client from taking all of it. */

import type { Clock } from '../lib/clock.ts';
import type { RequestReading } from '../mesh/table/request-reading.ts';
import { Deadlines } from './deadlines.ts';
import { type HeadReading, RequestHead } from './h1/request-head.ts';
import { ResponseHead } from './h1/response-head.ts';
import { Outbox } from './outbox.ts';
import { RequestIds } from './request-id.ts';
import type { TableHolder } from './served-table.ts';
import type { AccessLog } from './telemetry/access-log.ts';
import type { Counters } from './telemetry/counters.ts';
import { RequestSeries } from './telemetry/request-series.ts';
import type { SeriesStore } from './telemetry/series-store.ts';
import type { Tracer } from './tracing/tracer.ts';
import type { Transport } from './transport/link.ts';
import type { UpstreamContext } from './upstream/upstream-connection.ts';
import type { ProxyRole } from './worker-messages.ts';

/** How often deadlines of connections are looked at. */
export const SWEEP_MS = 500;

export type ProxyLimits = {
  /** Bytes and fields of a head (Envoy: 60 KiB, 100). */
  headBytes: number;
  fields: number;
  connections: number;
  /** Time for a head, from its first byte. */
  headTimeoutMs: number;
  /** Silence between two requests of a connection. */
  idleTimeoutMs: number;
  /** Silence on a pooled connection to an endpoint. */
  upstreamIdleMs: number;
  /** A gateway's request body with a Content-Length has to bring this many bytes per second, once the grace is over. */
  bodyBytesPerSecond: number;
  bodyGraceMs: number;
  /** Silence in the middle of a gateway's request body in chunks. */
  bodySilenceMs: number;
  /** How long a client may need for the one write (about 80 KiB) that waits for it. */
  stallTimeoutMs: number;
  /** Time for a client to take the last answer and hang up, after which we do. */
  lingerMs: number;
  /** Copies in flight at most; further ones are dropped and counted. */
  mirrors: number;
  /** Bytes of a body that is kept for another try, or for copies, at most. */
  keptBodyBytes: number;
  /** Of all bodies of a worker together. */
  keptBytes: number;
};

export const DEFAULT_LIMITS: ProxyLimits = {
  headBytes: 60 * 1_024,
  fields: 100,
  connections: 10_000,
  headTimeoutMs: 10_000,
  idleTimeoutMs: 3_600_000,
  upstreamIdleMs: 3_600_000,
  bodyBytesPerSecond: 256,
  bodyGraceMs: 10_000,
  bodySilenceMs: 300_000,
  stallTimeoutMs: 60_000,
  lingerMs: 1_000,
  mirrors: 512,
  keptBodyBytes: 1_024 * 1_024,
  keptBytes: 64 * 1_024 * 1_024,
};

export type DataPath = {
  transport: Transport;
  table: TableHolder;
  clock: Clock;
  deadlines: Deadlines;
  random: () => number;
  limits: ProxyLimits;
  outbox: Outbox;
  requestHead: RequestHead;
  upstream: UpstreamContext;
  counters: Counters;
  requestIds: RequestIds;
  accessLog: AccessLog | undefined;
  role: ProxyRole;
  reading: RequestReading;
  /** Whether the ids of callers are replaced: strangers may not choose under which id they are logged. */
  replacesRequestIds: boolean;
  /** Absent where nothing is traced. */
  tracer: Tracer | undefined;
  /** An endpoint failed too often in a row. */
  onOutlier: (cluster: string, address: string) => void;
  /** Where requests count that no route took. */
  unroutedSeries: RequestSeries;
  state: {
    draining: boolean;
    mirrorsInFlight: number;
    /** Of bodies that may be needed again. */
    keptBytes: number;
    /** Monotonic time of the last sweep: what only a sweep will look at need not ask the clock for every request. */
    sweptMs: number;
  };
};

export function createDataPath(options: {
  transport: Transport;
  table: TableHolder;
  store: SeriesStore;
  clock: Clock;
  random: () => number;
  limits: ProxyLimits;
  counters: Counters;
  accessLog: AccessLog | undefined;
  role: ProxyRole;
  reading: RequestReading;
  replacesRequestIds: boolean;
  tracer: Tracer | undefined;
  onOutlier: (cluster: string, address: string) => void;
}): DataPath {
  const { transport, table, store, clock, random, limits, counters, accessLog, role, onOutlier } = options;
  const { replacesRequestIds, tracer, reading } = options;
  const outbox = new Outbox();
  const state = { draining: false, mirrorsInFlight: 0, keptBytes: 0, sweptMs: clock.monotonicMs() };
  return {
    transport,
    table,
    clock,
    deadlines: new Deadlines(clock),
    random,
    limits,
    outbox,
    requestHead: new RequestHead(limits, headReading(role, reading)),
    upstream: {
      transport,
      outbox,
      head: new ResponseHead(limits),
      nowMs: () => state.sweptMs,
      after: (delayMs, callback) => clock.after(delayMs, callback),
      idleMs: limits.upstreamIdleMs,
    },
    counters,
    requestIds: new RequestIds(random),
    accessLog,
    role,
    reading,
    replacesRequestIds,
    tracer,
    onOutlier,
    unroutedSeries: new RequestSeries(store, { service: undefined, workload: undefined }),
    state,
  };
}

// Who stands behind proxies of ours gets what they say, not what strangers do.
function headReading(role: ProxyRole, { paths, trustedProxies, forwardsClientCert }: RequestReading): HeadReading {
  return {
    paths,
    trust: {
      forwarded: role === 'sidecar' || trustedProxies > 0,
      externalAddress: role === 'sidecar',
      clientCert: role === 'gateway' && forwardsClientCert,
    },
  };
}
