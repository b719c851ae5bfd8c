/** What metrics and the access log say about one exchange, gathered on its way and written once at its end. */

import { clientAddress } from './client-address.ts';
import type { DataPath } from './data-path.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { Flags } from './failure.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { RouteState } from './route-state.ts';
import type { AccessEntry, AccessFacts } from './telemetry/access-entry.ts';
import { keepAnswer, keepFacts } from './telemetry/access-facts.ts';
import type { RequestTrace } from './tracing/request-trace.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import type { UpstreamConnection } from './upstream/upstream-connection.ts';

/** Where the request went, as far as it got. */
export type Whereabouts = {
  route: RouteState | undefined;
  cluster: ClusterState | undefined;
  endpoint: EndpointState | undefined;
  /** Whether it was being tried when the request ended: then what became of it counts there. */
  tried: boolean;
  /** When that try began, if later than the request (monotonic). */
  triedFromMs: number | undefined;
  /** Tries so far. */
  attempts: number;
  /** Whether one more was wanted than the route grants. */
  isExhausted: boolean;
  tableVersion: number;
};

export type TryEnding = { flags: Flags; status: number };

export type Ending = TryEnding & { details: string };

export class ExchangeRecord {
  readonly client: ExchangeClient;
  /** Of whoever asks. */
  readonly clientAddress: string;
  /** Monotonic. */
  readonly startedMs: number;
  requestBytes = 0;
  responseBytes = 0;
  /** From the head of the request to the head of the answer. */
  serviceTimeMs: number | undefined;
  readonly isGrpc: boolean;
  /** Whether a delay was injected. */
  isDelayed = false;
  /** Label of the answer's status; of gRPC requests only. */
  grpcStatus: string | undefined;
  readonly #path: DataPath;
  readonly #facts: AccessFacts | undefined;
  /** Absent where nothing is traced. */
  readonly trace: RequestTrace | undefined;

  /** The time as of the read that is being handled; absent: the clock has to be asked. */
  #readMs: number | undefined;
  #answered: ReadonlyMap<string, string> | undefined;
  #upstreamLocal: string | undefined;

  constructor(path: DataPath, head: RequestHead, client: ExchangeClient) {
    this.#path = path;
    this.startedMs = path.clock.monotonicMs();
    if (head.requestId === undefined || path.replacesRequestIds) head.bearGenerated(path.requestIds.next());
    this.trace = path.tracer?.begin(head, { startedMs: this.startedMs, epochMs: path.clock.now() });
    this.client = client;
    this.clientAddress = clientAddress(head.forwardedFor, client.remoteAddress, path);
    this.isGrpc = head.bodyLength !== 0 && saysGrpc(head.header('content-type'));
    if (this.isGrpc) this.grpcStatus = '';
    this.#facts = path.accessLog && keepFacts(path, head, client, this.clientAddress);
  }

  /** The answer has begun. @returns milliseconds since the request was read */
  answerBegan(head: ResponseHead, connection: UpstreamConnection | undefined): number {
    this.#readMs = this.#path.clock.monotonicMs();
    this.serviceTimeMs = this.#readMs - this.startedMs;
    if (this.#facts !== undefined) {
      this.#upstreamLocal = connection?.localAddress;
      this.#answered = keepAnswer(this.#path, head);
    }
    return this.serviceTimeMs;
  }

  /** What one read brought was handled, and the answer goes on with another one. */
  awaitMore(): void {
    this.#readMs = undefined;
  }

  get #nowMs(): number {
    return this.#readMs ?? this.#path.clock.monotonicMs();
  }

  /** Counts a try that is followed by another one. At its destination each try is a request. */
  countTry(ending: TryEnding, where: Whereabouts): void {
    this.#count(ending, where, 0);
    this.trace?.endTry(ending, where, this.#nowMs);
  }

  /** Counts the last try, or that there was none, and logs the request. */
  write(ending: Ending, where: Whereabouts): void {
    this.#count(ending, where, this.responseBytes);
    const entry = this.entry(ending, where);
    if (entry !== undefined) this.#path.accessLog?.write(entry);
    if (this.trace !== undefined) this.#endTrace(this.trace, ending, where);
  }

  #endTrace(trace: RequestTrace, ending: Ending, where: Whereabouts): void {
    const nowMs = this.#nowMs;
    if (where.tried) trace.endTry(ending, where, nowMs);
    const { requestBytes, responseBytes } = this;
    trace.end(ending, where, { requestBytes, responseBytes, nowMs, remoteAddress: this.client.remoteAddress });
  }

  /** In the order in which they were set (istio.md 9.4). Metrics count tries, of which the others tell nothing. */
  #allFlags(flags: Flags, { isExhausted }: Whereabouts): string {
    if (!this.isDelayed && !isExhausted) return flags;
    const before = `${this.isDelayed ? 'DI,' : ''}${isExhausted ? 'URX,' : ''}`;
    return flags === '-' ? before.slice(0, -1) : before + flags;
  }

  // Envoy's name for where requests for unknown hosts go, and the one destination of a rule that answered by itself.
  #clusterMeant(flags: Flags, { route }: Whereabouts): string | undefined {
    if (route === undefined) return flags === 'UH' ? 'PassthroughCluster' : undefined;
    const { action } = route;
    const [only, more] = action.kind === 'forward' ? action.clusters : [];
    const isThere = only !== undefined && this.#path.table.current.clusters.has(only.cluster);
    return isThere && more === undefined ? only.cluster : undefined;
  }

  #count({ status, flags }: TryEnding, where: Whereabouts, responseBytes: number): void {
    const series = where.tried ? where.endpoint?.series : (where.cluster?.series ?? this.#path.unroutedSeries);
    const durationMs = this.#nowMs - (where.triedFromMs ?? this.startedMs);
    const { requestBytes, grpcStatus } = this;
    series?.record({ status, flags, durationMs, requestBytes, responseBytes, grpcStatus });
  }

  /** The line of the access log; `undefined` when there is none. */
  entry({ flags, details, status }: Ending, where: Whereabouts): AccessEntry | undefined {
    if (this.#facts === undefined) return undefined;
    return {
      facts: this.#facts,
      outcome: {
        flags: this.#allFlags(flags, where),
        details,
        status,
        requestBytes: this.requestBytes,
        responseBytes: this.responseBytes,
        durationMs: this.#nowMs - this.startedMs,
        serviceTimeMs: this.serviceTimeMs,
        attempts: where.attempts,
        endpoint: where.endpoint,
        upstreamLocal: this.#upstreamLocal,
        cluster: where.cluster?.cluster.name ?? this.#clusterMeant(flags, where),
        route: where.route?.route.name,
        tableVersion: where.tableVersion,
        mirror: false,
        answered: this.#answered,
        traceId: this.trace?.traceId,
      },
    };
  }
}

// gRPC-Web is something else.
function saysGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:$|[+;])/.test(contentType);
}
