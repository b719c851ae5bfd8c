/**
 * The tries of one request: takes a pooled connection or opens one, knows what may be repeated (with retry.ts), writes the head
 * again then, and waits between tries.
 */

import type { Forward } from './choose-destination.ts';
import { attemptLine, composeRequestHead } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import type { RequestHead } from './h1/request-head.ts';
import { mayRetryStatus, retriesOf } from './retry.ts';
import type { ClusterState, RouteState } from './served-table.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import { UpstreamConnection, type UpstreamUser } from './upstream/upstream-connection.ts';

const BACKOFF_MS = 25;
const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS']);

export class Attempts {
  /** Where the present try goes; `undefined` when none was left to try. */
  endpoint: EndpointState | undefined;
  connection: UpstreamConnection | undefined;
  /** Number of the present try, 1 for the first. */
  count = 1;
  /** Whether the head of the present try was written. */
  ready = false;
  /** The head without its last line, where it may be needed again. */
  head: string | undefined;
  readonly #path: DataPath;
  readonly #user: UpstreamUser;
  readonly #cluster: ClusterState;
  readonly #route: RouteState;
  readonly #method: string;
  readonly #hasBody: boolean;
  /** Whether the present connection has served requests before, so that its end may have crossed with this request. */
  #reused = false;
  /** Whether the endpoint has to take what was sent before it gets more. */
  #blocked = false;
  #cancelBackoff: (() => void) | undefined;

  constructor(path: DataPath, user: UpstreamUser, head: RequestHead, { route, cluster, endpoint }: Forward) {
    this.#path = path;
    this.#user = user;
    this.#cluster = cluster;
    this.#route = route;
    this.#method = head.method;
    this.#hasBody = head.bodyLength !== 0;
    this.endpoint = endpoint;
    endpoint.active++;
  }

  /** Puts the head into the outbox when a connection is at hand; else it follows in `onReady` (`writeHead`). */
  begin(
    head: RequestHead,
    { remoteAddress, requestId, mirrors }: { remoteAddress: string; requestId: string; mirrors: boolean },
  ): void {
    const { outbox } = this.#path;
    const endpoint = this.endpoint as EndpointState;
    const from = outbox.length;
    composeRequestHead(outbox, head, {
      remoteAddress,
      requestId,
      edits: this.#route.requestEdits,
      timeoutMs: this.#route.route.timeoutMs,
    });
    const pooled = endpoint.take();
    if (pooled === undefined || !this.#hasBody || mirrors) this.head = outbox.textFrom(from);
    if (pooled === undefined) {
      outbox.discard();
      this.#connect(endpoint);
      return;
    }
    outbox.text(attemptLine(1));
    this.connection = pooled;
    this.#reused = true;
    this.ready = true;
    pooled.use(this.#user);
  }

  /** Puts the head of the present try into the outbox. */
  writeHead(): void {
    this.#path.outbox.text(this.head as string);
    this.#path.outbox.text(attemptLine(this.count));
    this.ready = true;
  }

  /** Whether more of the request can be sent now. */
  get takesBytes(): boolean {
    return this.ready && !this.#blocked;
  }

  /** Writes what is in the outbox to the endpoint. */
  flush(): void {
    if (this.connection === undefined) this.#path.outbox.discard();
    else if (!this.connection.send()) this.#blocked = true;
  }

  drained(): void {
    this.#blocked = false;
  }

  get mayReconnect(): boolean {
    return this.count <= retriesOf(this.#route.route.retry, 'connect-failure');
  }

  /**
   * Whether the request may be sent again when its connection was lost before any answer: if the endpoint was about to close the
   * connection anyhow, and the request changes nothing and has no body (RFC 9112 §9.3.1); else only if the route says so.
   */
  get mayRepeat(): boolean {
    if (this.#hasBody) return false;
    if (this.#reused && SAFE_TO_REPEAT.has(this.#method)) return true;
    return this.count <= retriesOf(this.#route.route.retry, 'reset');
  }

  /** Whether an answer with this status is thrown away for another try. */
  mayRetryAnswer(status: number): boolean {
    const { retry } = this.#route.route;
    if (retry === undefined || this.#hasBody) return false;
    return this.count <= retry.attempts && mayRetryStatus(retry, status);
  }

  /** @returns false when no endpoint is left to try */
  tryAgain(): boolean {
    const before = this.endpoint as EndpointState;
    const stale = this.#reused;
    this.connection = undefined;
    this.ready = false;
    this.#reused = false;
    this.count++;
    this.#path.counters.add('envoy_cluster_upstream_rq_retry{}');
    before.active--;
    const current = this.#path.table.current.clusters.get(this.#cluster.cluster.name) ?? this.#cluster;
    const endpoint = current.balancer.pick(current.endpoints, stale ? undefined : before);
    this.endpoint = endpoint;
    if (endpoint === undefined) return false;
    endpoint.active++;
    if (stale) this.#connect(endpoint);
    else this.#cancelBackoff = this.#path.clock.after(this.#backoffMs(), () => this.#connect(endpoint));
    return true;
  }

  /** Gives up the present try. */
  release(): void {
    this.#cancelBackoff?.();
    this.connection?.close();
    this.connection = undefined;
  }

  /** The request is over, in whatever way: the endpoint has one less. */
  finish(): void {
    this.#cancelBackoff?.();
    if (this.endpoint !== undefined) this.endpoint.active--;
  }

  #connect(endpoint: EndpointState): void {
    const { connectTimeoutMs } = this.#cluster.cluster;
    this.connection = new UpstreamConnection(endpoint, this.#user, connectTimeoutMs, this.#path.upstream);
  }

  #backoffMs(): number {
    return Math.min(this.#path.random() * BACKOFF_MS * (2 ** (this.count - 1) - 1), BACKOFF_MS * 10);
  }
}
