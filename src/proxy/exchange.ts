/**
 * One request and its answer: routed by the one table that was current when its head was read, sent to an endpoint, tried again
 * where that is safe, answered, counted and logged. The client connection feeds it, the upstream connection answers it.
 */

import { matchRoute } from '../mesh/table/match-route.ts';
import type { RouteAction } from '../mesh/table/route-table.ts';
import { attemptLine, composeRequestHead, composeResponseHead } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import { type Failure, type Flags, replyTo } from './failure.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import { writeLocalReply } from './local-reply.ts';
import { sendMirror } from './mirror.ts';
import { mayRetryStatus, retriesOf } from './retry.ts';
import type { ClusterState, RouteState, ServedTable } from './served-table.ts';
import { type AccessFacts, accessEntry, factsOf } from './telemetry/access-entry.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import { type ResponseFraming, UpstreamConnection, type UpstreamUser } from './upstream/upstream-connection.ts';

/** What an exchange needs of the client's connection. */
export type ExchangeClient = {
  readonly remoteAddress: string;
  /** Writes what is in the outbox to the client; false: wait for `clientDrained`. */
  sendAnswer(): boolean;
  /** More of the request can be sent now. */
  pump(): void;
  /** Whether the connection is closed behind this answer. */
  readonly closesAfterAnswer: boolean;
  /** The answer is complete. */
  answered(options: { mustClose: boolean }): void;
  /** The answer cannot be completed: the connection is cut, so that nobody takes the part for the whole. */
  cut(): void;
  becomeTunnel(): void;
};

const BACKOFF_MS = 25;
const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS']);

export class Exchange implements UpstreamUser {
  readonly isHead: boolean;
  readonly wantsTunnel: boolean;
  readonly #path: DataPath;
  readonly #client: ExchangeClient;
  readonly #table: ServedTable;
  readonly #method: string;
  readonly #hasBody: boolean;
  readonly #expectsContinue: boolean;
  readonly #startedMs: number;
  readonly #requestId: string;
  readonly #facts: AccessFacts | undefined;
  #route: RouteState | undefined;
  #cluster: ClusterState | undefined;
  #endpoint: EndpointState | undefined;
  #connection: UpstreamConnection | undefined;
  /** The head without its last line, where it may be needed again. */
  #head: string | undefined;
  #mirrors: ClusterState[] = [];
  #mirrorBody: Buffer[] | undefined;
  #mirrorBytes = 0;
  #attempt = 1;
  #reused = false;
  #ready = false;
  #blocked = false;
  #requestComplete = false;
  #framing: ResponseFraming | undefined;
  #answerDone = false;
  #finished = false;
  #status = 0;
  #serviceTimeMs: number | undefined;
  #requestBytes = 0;
  #responseBytes = 0;
  #cancelTimeout: (() => void) | undefined;
  #cancelBackoff: (() => void) | undefined;

  constructor(path: DataPath, client: ExchangeClient, head: RequestHead) {
    this.#path = path;
    this.#client = client;
    this.#table = path.table.current;
    this.#method = head.method;
    this.#hasBody = head.bodyLength !== 0;
    this.#expectsContinue = head.expectsContinue;
    this.#startedMs = path.clock.monotonicMs();
    this.#requestId = head.requestId ?? path.createRequestId();
    this.isHead = head.method === 'HEAD';
    this.wantsTunnel = head.wantsWebSocket;
    this.#facts =
      path.accessLog === undefined ? undefined : factsOf(head, this.#requestId, client.remoteAddress, path.clock.now());
  }

  /** Whether request bytes can be taken now. */
  get takesBody(): boolean {
    return (this.#ready && !this.#blocked) || this.#finished;
  }

  get finished(): boolean {
    return this.#finished;
  }

  start(head: RequestHead): void {
    const host = this.#table.hosts.find(head.authority);
    const built = host === undefined ? undefined : matchRoute(host, head);
    this.#route = built === undefined ? undefined : this.#table.routes.get(built);
    if (this.#route === undefined) {
      this.#fail({ kind: 'noRoute' });
      return;
    }
    const { action } = this.#route.route;
    if (action.kind === 'directResponse') {
      this.#answerDirectly(action);
      return;
    }
    const index = this.#route.picker?.next() ?? 0;
    this.#cluster = this.#table.clusters.get(action.clusters[index]?.cluster ?? '');
    if (this.#cluster === undefined) {
      this.#fail({ kind: 'noCluster' });
      return;
    }
    this.#endpoint = this.#cluster.balancer.pick(this.#cluster.endpoints);
    if (this.#endpoint === undefined) {
      this.#fail({ kind: 'noEndpoint' });
      return;
    }
    for (const { cluster, percent } of action.mirrors) {
      const target = this.#table.clusters.get(cluster);
      if (target !== undefined && this.#path.random() * 100 < percent) this.#mirrors.push(target);
    }
    if (this.#mirrors.length > 0) this.#mirrorBody = [];
    this.#sendHead(head);
    if (!this.#hasBody) this.#armTimeout();
  }

  /** Body bytes of the request, already in the outbox from `from` on. */
  bodyAppended(from: number): void {
    const { outbox, limits, counters } = this.#path;
    this.#requestBytes += outbox.length - from;
    if (this.#mirrorBody === undefined || outbox.length === from) return;
    this.#mirrorBytes += outbox.length - from;
    if (this.#mirrorBytes <= limits.mirrorBytes) this.#mirrorBody.push(outbox.copyFrom(from));
    else {
      counters.add('sluice_proxy_mirrors_dropped_total{reason="too_large"}');
      this.#mirrors = [];
      this.#mirrorBody = undefined;
    }
  }

  /** Writes to the endpoint what the client connection put into the outbox. */
  flushRequest(): void {
    const { outbox } = this.#path;
    if (outbox.length === 0) return;
    if (this.#finished || this.#connection === undefined) {
      outbox.discard();
      return;
    }
    if (!this.#connection.send()) this.#blocked = true;
  }

  /** The client has sent the whole request, and it was flushed. */
  requestDone(): void {
    if (this.#requestComplete || this.#finished) return;
    this.#requestComplete = true;
    if (this.#ready) this.#connection?.requestDone();
    if (this.#hasBody) this.#armTimeout();
    this.#sendMirrors();
  }

  /** The client hung up or broke the rules in the middle of its body. */
  abort(failure: Failure): void {
    if (this.#finished) return;
    const reply = replyTo(failure);
    const canAnswer = this.#framing === undefined && reply.status !== 0;
    this.#release();
    if (canAnswer) this.#reply(failure);
    else this.#finish(reply.flags, reply.details, this.#status);
  }

  clientDrained(): void {
    if (!this.#finished) this.#connection?.resume();
  }

  /** The client closed its side of a tunnel. */
  endTunnel(): void {
    this.#connection?.end();
  }

  // — the endpoint's side —

  onReady(): void {
    if (this.#finished) return;
    const { outbox } = this.#path;
    outbox.text(this.#head as string);
    outbox.text(attemptLine(this.#attempt));
    this.#ready = true;
    this.#client.pump();
    this.flushRequest();
    if (this.#requestComplete) this.#connection?.requestDone();
  }

  onConnectFailed(timedOut: boolean): void {
    this.#connection = undefined;
    if (this.#finished) return;
    if (this.#attempt <= retriesOf(this.#route?.route.retry, 'connect-failure')) {
      this.#tryAgain();
      return;
    }
    this.#fail({ kind: 'connectFailed', timedOut, retried: this.#attempt > 1 });
  }

  onInterim(head: ResponseHead): void {
    // Only who asked for a 100 knows what to do with it; other interim answers are of no use to HTTP/1.1 clients.
    if (head.status !== 100 || !this.#expectsContinue || this.#finished) return;
    this.#path.outbox.text('HTTP/1.1 100 Continue\r\n\r\n');
  }

  onHead(head: ResponseHead, framing: ResponseFraming): void {
    if (this.#finished) return;
    const { retry } = this.#route?.route ?? {};
    if (!this.#hasBody && mayRetryStatus(retry, head.status) && this.#attempt <= (retry?.attempts ?? 0)) {
      this.#connection?.close();
      this.#tryAgain();
    }
    this.#framing = framing;
    this.#status = head.status;
    this.#serviceTimeMs = this.#path.clock.monotonicMs() - this.#startedMs;
    composeResponseHead(this.#path.outbox, head, {
      edits: this.#route?.responseEdits,
      framing,
      closes: this.#client.closesAfterAnswer || !this.#requestComplete,
      serviceTimeMs: this.#serviceTimeMs,
    });
    if (framing === 'tunnel') {
      this.#cancelTimeout?.();
      this.#client.becomeTunnel();
    }
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (this.#finished || this.#framing === undefined) return;
    const { outbox } = this.#path;
    const before = outbox.length;
    if (this.#framing === 'untilClose' && !this.isHead) {
      outbox.text(`${(end - start).toString(16)}\r\n`);
      outbox.bytes(bytes, start, end);
      outbox.text('\r\n');
    } else outbox.bytes(bytes, start, end);
    this.#responseBytes += this.#framing === 'chunked' ? 0 : outbox.length - before;
  }

  onComplete(): void {
    if (this.#finished) return;
    if (this.#framing === 'untilClose') this.#path.outbox.text('0\r\n\r\n');
    this.#answerDone = true;
  }

  onReadDone(): void {
    if (this.#finished) {
      this.#path.outbox.discard();
      return;
    }
    const { outbox } = this.#path;
    if (this.#framing === 'chunked') this.#responseBytes += outbox.length;
    const flushed = outbox.length === 0 || this.#client.sendAnswer();
    if (!this.#answerDone) {
      if (!flushed) this.#connection?.pause();
      if (this.#framing === 'tunnel') this.#client.pump();
      return;
    }
    this.#connection = undefined;
    const mustClose = !this.#requestComplete || this.#framing === 'tunnel';
    this.#finish('-', 'via_upstream', this.#status);
    this.#client.answered({ mustClose });
  }

  onBroken(reason: 'closed' | 'protocol'): void {
    const answered = this.#connection?.answered ?? false;
    this.#connection = undefined;
    if (this.#finished) return;
    this.#path.outbox.discard();
    if (this.#framing !== undefined) {
      this.#finish(reason === 'closed' ? 'UC' : 'UPE', 'upstream_reset_after_response_started', this.#status);
      this.#client.cut();
    }
    if (reason === 'closed' && !answered && this.#mayRepeat()) {
      this.#tryAgain();
      return;
    }
    this.#fail(reason === 'closed' ? { kind: 'upstreamClosed' } : { kind: 'upstreamProtocol' });
  }

  onDrain(): void {
    this.#blocked = false;
    if (!this.#finished) this.#client.pump();
  }

  // — within —

  #sendHead(head: RequestHead): void {
    const { outbox } = this.#path;
    const endpoint = this.#endpoint as EndpointState;
    const from = outbox.length;
    composeRequestHead(outbox, head, {
      remoteAddress: this.#client.remoteAddress,
      requestId: this.#requestId,
      edits: this.#route?.requestEdits,
      timeoutMs: this.#route?.route.timeoutMs,
    });
    endpoint.active++;
    const pooled = endpoint.take();
    if (pooled === undefined || !this.#hasBody || this.#mirrors.length > 0) this.#head = outbox.textFrom(from);
    if (pooled === undefined) {
      outbox.discard();
      this.#connect(endpoint);
      return;
    }
    outbox.text(attemptLine(1));
    this.#connection = pooled;
    this.#reused = true;
    this.#ready = true;
    pooled.use(this);
  }

  #connect(endpoint: EndpointState): void {
    const { connectTimeoutMs } = (this.#cluster as ClusterState).cluster;
    this.#connection = new UpstreamConnection(endpoint, this, connectTimeoutMs, this.#path.upstream);
  }

  /**
   * A request that went out on a connection which the endpoint was about to close may be repeated if it changes nothing and has
   * no body (RFC 9112 §9.3.1); other losses only if the route says so.
   */
  #mayRepeat(): boolean {
    if (this.#hasBody) return false;
    if (this.#reused && SAFE_TO_REPEAT.has(this.#method)) return true;
    return this.#attempt <= retriesOf(this.#route?.route.retry, 'reset');
  }

  #tryAgain(): void {
    const before = this.#endpoint as EndpointState;
    const cluster = this.#cluster as ClusterState;
    const stale = this.#reused;
    this.#connection = undefined;
    this.#ready = false;
    this.#reused = false;
    this.#attempt++;
    this.#path.counters.add('envoy_cluster_upstream_rq_retry{}');
    before.active--;
    const current = this.#path.table.current.clusters.get(cluster.cluster.name) ?? cluster;
    this.#endpoint = current.balancer.pick(current.endpoints, stale ? undefined : before);
    if (this.#endpoint === undefined) {
      this.#fail({ kind: 'noEndpoint' });
      return;
    }
    this.#endpoint.active++;
    if (stale) {
      this.#connect(this.#endpoint);
      return;
    }
    const waitMs = this.#path.random() * BACKOFF_MS * (2 ** (this.#attempt - 1) - 1);
    this.#cancelBackoff = this.#path.clock.after(Math.min(waitMs, BACKOFF_MS * 10), () =>
      this.#connect(this.#endpoint as EndpointState),
    );
  }

  #armTimeout(): void {
    const timeoutMs = this.#route?.route.timeoutMs;
    if (timeoutMs === undefined || this.#finished || this.#cancelTimeout !== undefined) return;
    this.#cancelTimeout = this.#path.clock.after(timeoutMs, () => this.#onTimeout());
  }

  #onTimeout(): void {
    if (this.#finished) return;
    if (this.#framing === undefined) {
      this.#fail({ kind: 'timeout' });
      return;
    }
    this.#release();
    this.#finish('UT', 'response_timeout', this.#status);
    this.#client.cut();
  }

  #answerDirectly({ status, body }: Extract<RouteAction, { kind: 'directResponse' }>): void {
    this.#status = status;
    this.#writeReply(status, body);
    this.#finish('-', 'direct_response', status);
    this.#client.answered({ mustClose: this.#hasBody });
  }

  #fail(failure: Failure): void {
    this.#release();
    this.#reply(failure);
  }

  #reply(failure: Failure): void {
    const { status, flags, details, body } = replyTo(failure);
    this.#path.outbox.discard();
    this.#writeReply(status, body);
    this.#finish(flags, details, status);
    this.#client.answered({ mustClose: !this.#requestComplete && this.#hasBody });
  }

  #writeReply(status: number, body: string): void {
    const closes = this.#client.closesAfterAnswer || (!this.#requestComplete && this.#hasBody);
    writeLocalReply(this.#path, { status, body, closes, isHead: this.isHead, edits: this.#route?.responseEdits });
    this.#responseBytes = body.length;
    this.#client.sendAnswer();
  }

  #release(): void {
    this.#cancelBackoff?.();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #sendMirrors(): void {
    if (this.#mirrors.length === 0 || this.#head === undefined) return;
    const entry = this.#entry('-', 'mirror', 0);
    for (const cluster of this.#mirrors) {
      sendMirror(this.#path, {
        cluster,
        head: this.#head,
        body: this.#mirrorBody ?? [],
        isHead: this.isHead,
        timeoutMs: this.#route?.route.timeoutMs,
        entry,
      });
    }
    this.#mirrors = [];
    this.#mirrorBody = undefined;
  }

  #finish(flags: Flags, details: string, status: number): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#cancelTimeout?.();
    this.#cancelBackoff?.();
    if (this.#endpoint !== undefined) this.#endpoint.active--;
    const reached = this.#ready && this.#endpoint !== undefined;
    const series = reached ? this.#endpoint?.series : (this.#cluster?.series ?? this.#path.unroutedSeries);
    series?.record({
      status,
      flags,
      durationMs: this.#path.clock.monotonicMs() - this.#startedMs,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
    });
    const entry = this.#entry(flags, details, status);
    if (entry !== undefined) this.#path.accessLog?.write(entry);
  }

  #entry(flags: Flags, details: string, status: number) {
    if (this.#facts === undefined) return undefined;
    return accessEntry(this.#facts, {
      flags,
      details,
      status,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      durationMs: this.#path.clock.monotonicMs() - this.#startedMs,
      serviceTimeMs: this.#serviceTimeMs,
      endpoint: this.#endpoint,
      cluster: this.#cluster?.cluster.name,
      route: this.#route?.route.name,
      tableVersion: this.#table.version,
    });
  }
}
