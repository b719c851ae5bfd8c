/**
 * Copies of requests for other clusters (envoy-facts: Mirror). A copy leaves when the request is complete, on a connection of
 * its own; its answer is thrown away, and neither its slowness nor its failure is seen by anybody but the access log.
 */

import { MIRROR_LINE } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import type { Flags } from './failure.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { KeptBody } from './kept-body.ts';
import { OWN_ADDRESS } from './own-address.ts';
import type { AccessEntry } from './telemetry/access-entry.ts';
import { clusterCounter } from './telemetry/metric-names.ts';
import { chooseEndpoint } from './upstream/choose-endpoint.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import type { UpstreamConnection } from './upstream/upstream-connection.ts';
import type { UpstreamUser } from './upstream/upstream-user.ts';

/** Longest life of a copy when the route has no timeout. */
const MIRROR_TIMEOUT_MS = 15_000;

export type MirrorRequest = {
  cluster: ClusterState;
  /** The head without its last line, as it went to the first destination. */
  head: string;
  /** The body in the form in which it was sent on. */
  body: KeptBody;
  isHead: boolean;
  timeoutMs: number | undefined;
  /** The access log's line, but for the answer. */
  entry: AccessEntry | undefined;
};

/** Sends one copy, unless too many are in flight or the cluster has no endpoint. */
export function sendMirror(path: DataPath, request: MirrorRequest): void {
  const endpoint = chooseEndpoint(request.cluster, { nowMs: path.clock.monotonicMs(), random: path.random });
  if (endpoint === undefined) return;
  if (path.state.mirrorsInFlight >= path.limits.mirrors) {
    path.counters.add('sluice_proxy_mirrors_dropped_total{reason="in_flight"}');
    return;
  }
  path.counters.add('sluice_proxy_mirrors_total');
  new MirrorExchange(path, request, endpoint).start();
}

class MirrorExchange implements UpstreamUser {
  readonly isHead: boolean;
  readonly wantsTunnel = false;
  readonly #path: DataPath;
  readonly #request: MirrorRequest;
  readonly #endpoint: EndpointState;
  readonly #startedMs: number;
  #connection: UpstreamConnection | undefined;
  #cancelTimeout: () => void = () => {};
  #status = 0;
  #bytes = 0;
  #finished = false;

  constructor(path: DataPath, request: MirrorRequest, endpoint: EndpointState) {
    this.#path = path;
    this.#request = request;
    this.#endpoint = endpoint;
    this.isHead = request.isHead;
    this.#startedMs = path.clock.monotonicMs();
  }

  start(): void {
    this.#path.state.mirrorsInFlight++;
    this.#request.body.hold();
    this.#endpoint.active++;
    this.#cancelTimeout = this.#path.clock.after(this.#request.timeoutMs ?? MIRROR_TIMEOUT_MS, () => this.#abandon());
    const got = this.#endpoint.pool.acquire(this, this.#path.upstream);
    if (got === 'overflow') this.onOverflow();
    else if (got !== 'waiting') this.onReady(got);
  }

  onReady(connection: UpstreamConnection): void {
    const { outbox } = this.#path;
    this.#connection = connection;
    outbox.text(headOfCopy(this.#request.head));
    outbox.text(MIRROR_LINE);
    this.#request.body.write();
    connection.send();
    connection.requestDone();
  }

  onConnectFailed(): void {
    this.#finish('UF');
  }

  onOverflow(): void {
    const { name } = this.#request.cluster.cluster;
    this.#path.counters.add(clusterCounter('upstream_rq_pending_overflow', name));
    this.#finish('UO');
  }

  onInterim(): void {}

  onHead(head: ResponseHead): void {
    this.#status = head.status;
  }

  onBody(_bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    this.#path.outbox.discard();
  }

  onComplete(): void {
    this.#finish('-');
  }

  onReadDone(): void {}

  onBroken(reason: 'closed' | 'protocol'): void {
    this.#finish(reason === 'closed' ? 'UC' : 'UPE');
  }

  onDrain(): void {}

  #abandon(): void {
    this.#endpoint.pool.cancel(this);
    this.#connection?.close();
    this.#finish('UT');
  }

  #finish(flags: Flags): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#cancelTimeout();
    this.#endpoint.active--;
    this.#path.state.mirrorsInFlight--;
    this.#count(flags);
    this.#request.body.release();
    const { entry, cluster } = this.#request;
    if (entry === undefined) return;
    this.#path.accessLog?.write({
      facts: entry.facts,
      outcome: {
        ...entry.outcome,
        mirror: true,
        status: this.#status,
        flags,
        details: 'mirror',
        responseBytes: this.#bytes,
        durationMs: this.#path.clock.monotonicMs() - this.#startedMs,
        serviceTimeMs: undefined,
        endpoint: this.#endpoint,
        cluster: cluster.cluster.name,
      },
    });
  }

  /** At its destination a copy is a request like any other, also in Istio: a mirrored canary is judged by its copies. */
  #count(flags: Flags): void {
    if (flags === 'UO') return;
    this.#endpoint.series.record({
      status: this.#status === 0 ? 503 : this.#status,
      flags,
      durationMs: this.#path.clock.monotonicMs() - this.#startedMs,
      requestBytes: this.#request.body.length,
      responseBytes: this.#bytes,
    });
  }
}

const FORWARDED_FOR = '\r\nx-forwarded-for: ';

/** The head as the first destination got it; the copy is one that the proxy asks for. */
function headOfCopy(head: string): string {
  const at = head.indexOf(FORWARDED_FOR);
  if (at === -1) return `${head}x-forwarded-for: ${OWN_ADDRESS}\r\n`;
  const end = head.indexOf('\r\n', at + FORWARDED_FOR.length);
  return `${head.slice(0, end)},${OWN_ADDRESS}${head.slice(end)}`;
}
