/**
 * One connection to an endpoint: at most one request at a time, responses read strictly, and given back to the pool only when
 * it is certain where the next response begins. It reads while idle, so that a close is seen at once.
 */

import { Carry } from '../carry.ts';
import { ChunkScanner } from '../h1/chunk-scanner.ts';
import { INCOMPLETE } from '../h1/field-list.ts';
import type { ResponseHead } from '../h1/response-head.ts';
import type { Outbox } from '../outbox.ts';
import type { Link, Transport } from '../transport/link.ts';
import type { EndpointPool } from './endpoint-pool.ts';
import { bodyBytes, bringsForbiddenBody, framingOf, type ResponseFraming } from './response-framing.ts';
import type { UpstreamUser } from './upstream-user.ts';

/** What all connections of a worker share. */
export type UpstreamContext = {
  transport: Transport;
  outbox: Outbox;
  head: ResponseHead;
  /** Monotonic, up to half a second behind. */
  nowMs(): number;
  after(delayMs: number, callback: () => void): () => void;
  /** An idle connection is closed after so many milliseconds, or earlier if the upstream announces that it will. */
  idleMs: number;
};

/** A connection is given up this long before the upstream would close it, so that no request meets the close halfway. */
const IDLE_MARGIN_MS = 1_000;

export class UpstreamConnection {
  readonly #pool: EndpointPool;
  readonly #context: UpstreamContext;
  readonly #link: Link;
  readonly #carry = new Carry();
  #user: UpstreamUser | undefined;
  /** `freed`: the answer is complete, but what one read brought is not handed over yet. */
  #state: 'connecting' | 'idle' | 'head' | 'body' | 'freed' | 'closed' = 'connecting';
  #framing: ResponseFraming = 'untilClose';
  #left = 0;
  #scanner: ChunkScanner | undefined;
  #reusable = true;
  #localAddress: string | undefined;
  #requestDone = false;
  /** Silence after which the connection is closed; the upstream may ask for less. */
  #idleMs: number;
  /** When it takes no more requests (monotonic). */
  #oldAtMs = Number.POSITIVE_INFINITY;
  #cancelConnect: () => void;
  /** How many requests were served before the present one. */
  served = 0;
  /** Whether anything of the present response has arrived. */
  answered = false;
  idleUntilMs = 0;

  constructor(pool: EndpointPool, context: UpstreamContext) {
    const { connectTimeoutMs, idleMs, keepAliveMs } = pool.load.cluster;
    this.#pool = pool;
    this.#context = context;
    this.#idleMs = idleMs ?? context.idleMs;
    this.#link = context.transport.connect(
      { host: pool.site.host, port: pool.site.port, keepAliveMs },
      {
        onConnect: () => this.#onConnect(),
        onBytes: (bytes, length) => this.#onBytes(bytes, length),
        onEnd: () => this.#onEnd(),
        onClose: () => this.#onClose(),
        onDrain: () => this.#user?.onDrain(),
      },
    );
    this.#cancelConnect = context.after(connectTimeoutMs, () => this.#failConnect(true));
  }

  /** Our end of it, `host:port`. */
  get localAddress(): string {
    this.#localAddress ??= this.#link.ends().local;
    return this.#localAddress;
  }

  /** Takes the connection out of the pool for one request. */
  use(user: UpstreamUser): void {
    this.#user = user;
    this.#pool.load.requests++;
    this.answered = false;
    this.#state = 'head';
    this.#reusable = true;
    this.#requestDone = false;
  }

  /** Writes what is in the outbox. @returns false when `onDrain` has to be waited for */
  send(): boolean {
    return this.#context.outbox.flushTo(this.#link);
  }

  /** The request is written completely. */
  requestDone(): void {
    this.#requestDone = true;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  end(): void {
    this.#link.end();
  }

  /** Gives the connection up, whatever it is doing; its user hears nothing more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#leaveUser();
    this.#state = 'closed';
    this.#link.destroy();
    this.#pool.closed(this, this.#context);
  }

  #onConnect(): void {
    if (this.#state !== 'connecting') return;
    this.#cancelConnect();
    const { connectionLifeMs } = this.#pool.load.cluster;
    if (connectionLifeMs !== undefined) this.#oldAtMs = this.#context.nowMs() + connectionLifeMs;
    this.#rest();
    this.#pool.connected(this);
  }

  #failConnect(timedOut: boolean): void {
    this.#cancelConnect();
    this.#state = 'closed';
    this.#link.destroy();
    this.#pool.connectFailed(timedOut);
  }

  #leaveUser(): void {
    if (this.#user === undefined) return;
    this.#user = undefined;
    this.#pool.load.requests--;
  }

  #rest(): void {
    this.#state = 'idle';
    this.idleUntilMs = Math.min(this.#context.nowMs() + this.#idleMs, this.#oldAtMs);
  }

  #onBytes(bytes: Buffer, length: number): void {
    // Nobody asked for these bytes: they can only be meant to be taken for the answer to the next request.
    if (this.#user === undefined || this.#state === 'idle' || this.#state === 'closed') {
      this.close();
      return;
    }
    this.answered = true;
    const user = this.#user;
    const { carry, start, end } = this.#carry.join(bytes, length);
    this.#read(user, carry, start, end);
    user.onReadDone();
    if (this.#state !== 'freed') return;
    this.#rest();
    this.#pool.free(this);
  }

  #read(user: UpstreamUser, bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (this.#user === user) {
      if (this.#state === 'head') {
        const next = this.#readHead(user, bytes, at, end);
        if (next === INCOMPLETE) {
          this.#carry.keep(bytes, at, end);
          return;
        }
        at = next;
      }
      if (this.#user !== user || this.#state !== 'body') continue;
      at = this.#readBody(user, bytes, at, end);
      if (this.#isBodyComplete()) {
        this.#complete(user, at < end);
        return;
      }
      if (at >= end) return;
    }
  }

  /** @returns the position behind the head, or INCOMPLETE */
  #readHead(user: UpstreamUser, bytes: Buffer, start: number, end: number): number {
    const { head } = this.#context;
    const next = start >= end ? INCOMPLETE : head.parse(bytes, start, end);
    if (next === INCOMPLETE) return INCOMPLETE;
    if (next < 0) {
      this.#break('protocol');
      return end;
    }
    if (head.status >= 200 || head.status === 101) this.#beginBody(user, head);
    else user.onInterim(head);
    return next;
  }

  #beginBody(user: UpstreamUser, head: ResponseHead): void {
    if (head.status === 101 && !user.wantsTunnel) {
      this.#break('protocol');
      return;
    }
    this.#framing = framingOf(head, user);
    this.#left = this.#framing === 'length' ? bodyBytes(head, user) : 0;
    this.#scanner = this.#framing === 'chunked' ? new ChunkScanner() : undefined;
    if (head.wantsClose || this.#framing === 'untilClose' || this.#framing === 'tunnel') this.#reusable = false;
    if (bringsForbiddenBody(head)) this.#reusable = false;
    const idleMs = this.#pool.load.cluster.idleMs ?? this.#context.idleMs;
    const announcedMs = head.keepAliveSeconds === undefined ? idleMs : head.keepAliveSeconds * 1_000 - IDLE_MARGIN_MS;
    this.#idleMs = Math.min(idleMs, announcedMs);
    this.#state = 'body';
    user.onHead(head, this.#framing);
  }

  #readBody(user: UpstreamUser, bytes: Buffer, start: number, end: number): number {
    if (this.#scanner !== undefined) {
      const { outbox } = this.#context;
      const before = outbox.length;
      const next = this.#scanner.feed(bytes, start, end, outbox);
      if (this.#scanner.refusal !== 0) {
        outbox.length = before;
        this.#break('protocol');
        return end;
      }
      user.onBody(bytes, next, next);
      return next;
    }
    const isCounted = this.#framing === 'length';
    const next = isCounted ? Math.min(end, start + this.#left) : end;
    if (isCounted) this.#left -= next - start;
    if (next > start) user.onBody(bytes, start, next);
    return next;
  }

  #isBodyComplete(): boolean {
    if (this.#state !== 'body') return false;
    return this.#scanner === undefined ? this.#framing === 'length' && this.#left === 0 : this.#scanner.done;
  }

  #complete(user: UpstreamUser, hasMore: boolean): void {
    this.served++;
    this.#leaveUser();
    if (!hasMore && this.#mayServeMore) this.#release();
    else this.close();
    user.onComplete();
  }

  get #mayServeMore(): boolean {
    const { load, site } = this.#pool;
    const { requestsPerConnection = Number.POSITIVE_INFINITY } = load.cluster;
    if (!this.#reusable || !this.#requestDone || !site.listed || this.#idleMs <= 0) return false;
    return this.served < requestsPerConnection && this.#context.nowMs() < this.#oldAtMs;
  }

  // Who waits for this connection would write into the outbox, in which the end of this answer may still lie.
  #release(): void {
    if (this.#pool.hasWaiting) {
      this.#state = 'freed';
      return;
    }
    this.#rest();
    this.#pool.free(this);
  }

  #break(reason: 'closed' | 'protocol'): void {
    const user = this.#user;
    this.close();
    user?.onBroken(reason);
  }

  #onEnd(): void {
    if (this.#state === 'body' && (this.#framing === 'untilClose' || this.#framing === 'tunnel')) {
      const user = this.#user;
      this.close();
      user?.onComplete();
      user?.onReadDone();
      return;
    }
    if (this.#state === 'connecting') return;
    this.#break('closed');
  }

  #onClose(): void {
    if (this.#state === 'connecting') this.#failConnect(false);
    else if (this.#state !== 'closed') this.#break('closed');
  }
}
