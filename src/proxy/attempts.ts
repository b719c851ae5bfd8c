/**
 * The tries of one request: takes a pooled connection or opens one, knows what may be repeated (with retry.ts), writes the head
 * again then, and waits between tries.
 */

import type { Forward } from './choose-destination.ts';
import { attemptLine, composeRequestHead } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import type { RequestHead } from './h1/request-head.ts';
import { KeptBody } from './kept-body.ts';
import type { KeptHead } from './kept-head.ts';
import { type Caller, requestFacts } from './request-facts.ts';
import { coversTimeout, mayRetryAnswer, pauseMs, type RetriedAnswer, retriesAfterSending, retriesOf } from './retry.ts';
import { clusterCounter } from './telemetry/metric-names.ts';
import type { RequestTrace } from './tracing/request-trace.ts';
import { chooseEndpoint } from './upstream/choose-endpoint.ts';
import type { EndpointState } from './upstream/endpoint-state.ts';
import type { TryResult } from './upstream/outliers.ts';
import type { UpstreamConnection } from './upstream/upstream-connection.ts';
import type { UpstreamUser } from './upstream/upstream-user.ts';

const SAFE_TO_REPEAT = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who is told what becomes of a try. */
export type AttemptUser = UpstreamUser & {
  onTryTimeout(): void;
  /** The injected delay is over. */
  onDelayed(): void;
};

/** Who looks at the head of the first try besides its endpoint. */
export type HeadUsers = { mirrors: boolean; trace: RequestTrace | undefined };

export class Attempts {
  /** Where the present try goes; `undefined` when none was left to try. */
  endpoint: EndpointState | undefined;
  connection: UpstreamConnection | undefined;
  /** Number of the present try, 1 for the first. */
  count = 1;
  /** Whether the head of the present try was written. */
  ready = false;
  /** Whether the endpoint is being tried, so that what becomes of it is the endpoint's doing. */
  isTrying = false;
  /** Whether another try was wanted, and all that the route grants were made. */
  isExhausted = false;
  /** When the present try began (monotonic); `undefined` when that was with the request. */
  triedFromMs: number | undefined;
  /** The head without its last line, where it may be needed again. */
  head: KeptHead | undefined;
  readonly #path: DataPath;
  readonly #user: AttemptUser;
  readonly #forward: Forward;
  readonly #method: string;
  readonly #hasBody: boolean;
  #trace: RequestTrace | undefined;
  /** Whether the present connection has served requests before, so that its end may have crossed with this request. */
  #reused = false;
  /** Whether the endpoint has to take what was sent before it gets more. */
  #blocked = false;
  #cancelBackoff: (() => void) | undefined;
  #cancelTry: (() => void) | undefined;
  /** Whether the present try is one of those whose number the cluster limits. */
  #countsAsRetry = false;
  /** Endpoints of tries that failed. */
  #tried: readonly EndpointState[] | undefined;
  /** What was sent of the body; absent when no try after this one could send it. */
  readonly #body: KeptBody | undefined;
  #bodyComplete = false;

  constructor(path: DataPath, user: AttemptUser, head: RequestHead, forward: Forward) {
    this.#path = path;
    this.#user = user;
    this.#forward = forward;
    this.#method = head.method;
    this.#hasBody = head.bodyLength !== 0;
    const keepsBody = this.#hasBody && retriesAfterSending(forward.route.retry);
    if (keepsBody) this.#body = new KeptBody(path, 'sluice_proxy_retries_dropped_total');
    this.endpoint = forward.endpoint;
    forward.endpoint.active++;
  }

  /** Puts the head into the outbox when a connection is at hand; else it follows in `onReady` (`writeHead`). */
  begin(head: RequestHead, caller: Caller, { mirrors, trace }: HeadUsers): void {
    const { outbox } = this.#path;
    const { delayMs } = this.#forward;
    const endpoint = this.endpoint as EndpointState;
    this.#trace = trace;
    const from = outbox.length;
    composeRequestHead(outbox, head, requestFacts(this.#path, this.#forward, head, caller));
    const pooled = delayMs > 0 ? 'waiting' : endpoint.pool.acquire(this.#user, this.#path.upstream);
    const isReady = typeof pooled === 'object';
    if (!isReady || !this.#hasBody || mirrors || this.#body !== undefined) {
      this.head = caller.client.keptHead;
      this.head.keep(outbox, from);
    }
    this.isTrying = delayMs === 0 && pooled !== 'overflow';
    if (isReady) {
      this.#endHead();
      this.connection = pooled;
      this.#reused = true;
      this.ready = true;
      if (!this.#hasBody) this.armTryTimeout();
      return;
    }
    outbox.discard();
    if (pooled === 'overflow') this.#user.onOverflow();
    else if (delayMs > 0) this.#obtainAfter(delayMs, endpoint);
  }

  #obtainAfter(delayMs: number, endpoint: EndpointState): void {
    this.#cancelBackoff = this.#path.clock.after(delayMs, () => {
      this.#user.onDelayed();
      this.#obtain(endpoint, { fresh: false });
    });
  }

  /** Puts the head of the present try into the outbox, and what was sent of the body before, for the connection that it got. */
  writeHead(connection: UpstreamConnection): void {
    const { outbox } = this.#path;
    this.connection = connection;
    this.#reused = connection.served > 0;
    this.head?.write(outbox);
    this.#endHead();
    this.#body?.write();
    this.ready = true;
    if (!this.#hasBody || this.#bodyComplete) this.armTryTimeout();
  }

  #endHead(): void {
    const { outbox } = this.#path;
    if (this.#trace !== undefined) outbox.text(this.#trace.tryLines());
    outbox.constant(attemptLine(this.count, this.#forward.requestEdits));
  }

  /** Keeps what lies in the outbox from `from` on, if another try may need it. */
  keepBody(from: number): void {
    this.#body?.keep(from);
  }

  /** The whole request was sent. */
  requestDone(): void {
    this.#bodyComplete = true;
    if (!this.ready) return;
    this.connection?.requestDone();
    if (this.#hasBody) this.armTryTimeout();
  }

  /** Begins to wait for the answer to the present try. */
  armTryTimeout(): void {
    const { perTryTimeoutMs } = this.#forward.route.retry ?? {};
    if (perTryTimeoutMs === undefined) return;
    this.#cancelTry?.();
    this.#cancelTry = this.#path.clock.after(perTryTimeoutMs, () => this.#user.onTryTimeout());
  }

  /** The answer has begun. */
  answerBegan(): void {
    this.#cancelTry?.();
    this.#endRetry();
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

  /** Asks for another try after a connection could not be made. */
  mayReconnect(): boolean {
    return this.#mayRetry(retriesOf(this.#forward.route.retry, 'connect-failure'));
  }

  /**
   * Asks to send the request again when its connection was lost before any answer: granted if the endpoint was about to close the
   * connection anyhow, and the request changes nothing and has no body (RFC 9112 §9.3.1); else only if the route says so.
   */
  mayRepeat(): boolean {
    return this.isStale || this.#mayResend(retriesOf(this.#forward.route.retry, 'reset'));
  }

  /** Asks to throw such an answer away for another try. */
  mayRetryAnswer(answer: RetriedAnswer): boolean {
    const { retried, retry } = this.#forward.route;
    return retried !== undefined && mayRetryAnswer(retried, answer) && this.#mayResend(retry?.attempts ?? 0);
  }

  /** Asks to give up a try that brought no answer in time for another one. */
  mayRetryTimeout(): boolean {
    const { retry } = this.#forward.route;
    return retry !== undefined && coversTimeout(retry) && this.#mayResend(retry.attempts);
  }

  #mayResend(retries: number): boolean {
    return (!this.#hasBody || this.#body?.isWhole === true) && this.#mayRetry(retries);
  }

  #mayRetry(retries: number): boolean {
    if (this.count > retries) {
      this.isExhausted = retries > 0;
      return false;
    }
    const { load, cluster } = this.#forward.cluster;
    this.#endRetry();
    if (load.mayRetry) return true;
    this.#path.counters.add(clusterCounter('upstream_rq_retry_overflow', cluster.name));
    return false;
  }

  /** Whether the present try was lost with a connection that the endpoint was about to close anyhow: nobody's fault. */
  get isStale(): boolean {
    return this.#reused && !this.#hasBody && SAFE_TO_REPEAT.has(this.#method);
  }

  /** @returns false when no endpoint is left to try */
  tryAgain({ stale }: { stale: boolean }): boolean {
    const before = this.endpoint as EndpointState;
    const { retry } = this.#forward.route;
    this.#giveUpTry();
    this.#blocked = false;
    this.ready = this.isTrying = false;
    this.count++;
    this.#path.counters.add(clusterCounter('upstream_rq_retry', this.#forward.cluster.cluster.name));
    before.active--;
    if (!stale) {
      this.#countsAsRetry = true;
      this.#forward.cluster.load.retries++;
      if (retry?.mayRepeatEndpoint !== true) this.#tried = [...(this.#tried ?? []), before];
    }
    const endpoint = this.#nextEndpoint();
    this.endpoint = endpoint;
    if (endpoint === undefined) return false;
    endpoint.active++;
    const obtain = () => this.#obtain(endpoint, { fresh: stale });
    if (stale) obtain();
    else {
      const afterMs = pauseMs(retry, { retry: this.count - 1, random: this.#path.random });
      this.#cancelBackoff = this.#path.clock.after(afterMs, obtain);
    }
    return true;
  }

  /** By the table of now. */
  #nextEndpoint(): EndpointState | undefined {
    const { cluster, hashKey } = this.#forward;
    const { table, clock, random } = this.#path;
    const current = table.current.clusters.get(cluster.cluster.name) ?? cluster;
    return chooseEndpoint(current, { nowMs: clock.monotonicMs(), random, hashKey, avoid: this.#tried });
  }

  #endRetry(): void {
    if (!this.#countsAsRetry) return;
    this.#countsAsRetry = false;
    this.#forward.cluster.load.retries--;
  }

  /** Tells the cluster what became of the present try: the status of an answer, or none at all, or none in time. */
  note(result: TryResult): void {
    // Who had no connection yet could not have been in time.
    if (this.endpoint === undefined || (result === 'late' && !this.ready)) return;
    const { name, outliers } = this.#forward.cluster.cluster;
    if (this.endpoint.failsTooOften(result, outliers)) this.#path.onOutlier(name, this.endpoint.address);
  }

  /** Gives up the present try. */
  release(): void {
    this.#giveUpTry();
    this.#endRetry();
  }

  /** The request is over, in whatever way: the endpoint has one less. */
  finish(): void {
    this.#cancelTry?.();
    this.#cancelBackoff?.();
    this.#endRetry();
    this.#body?.release();
    if (this.endpoint !== undefined) this.endpoint.active--;
  }

  #giveUpTry(): void {
    this.#cancelTry?.();
    this.#cancelBackoff?.();
    if (!this.ready) this.endpoint?.pool.cancel(this.#user);
    this.connection?.close();
    this.connection = undefined;
  }

  #obtain({ pool }: EndpointState, { fresh }: { fresh: boolean }): void {
    const { upstream, clock } = this.#path;
    this.triedFromMs = clock.monotonicMs();
    const got = fresh ? pool.acquireFresh(this.#user, upstream) : pool.acquire(this.#user, upstream);
    this.isTrying = got !== 'overflow';
    if (got === 'overflow') this.#user.onOverflow();
    else if (got !== 'waiting') this.#user.onReady(got);
  }
}
