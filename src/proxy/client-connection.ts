/**
 * A client's connection: reads one request after the other, hands each to an exchange, and closes when the rules of framing
 * leave no doubt only that way. Requests sent ahead wait here, up to a limit.
 */

import { Carry } from './carry.ts';
import { ClientPace } from './client-pace.ts';
import { type Origin, originOf } from './compose-head.ts';
import type { DataPath } from './data-path.ts';
import { Exchange } from './exchange.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { Failure } from './failure.ts';
import { INCOMPLETE } from './h1/field-list.ts';
import { CHUNKED } from './h1/framing.ts';
import type { RequestHead } from './h1/request-head.ts';
import { judgeSilence, reasonOf } from './judge-silence.ts';
import { KeptHead } from './kept-head.ts';
import { writeLocalReply } from './local-reply.ts';
import { writeRefusal } from './refuse-request.ts';
import { RequestBody } from './request-body.ts';
import { type ConnectionEnds, type Link, type LinkEvents, withoutMapping } from './transport/link.ts';

/** Bytes that may wait while a request is answered; then reading stops. */
const WAITING_BYTES_MOST = 64 * 1_024;
/** Bytes that are read and thrown away behind the last answer. */
const LINGER_BYTES_MOST = 1_024 * 1_024;

const NO_ENDS: ConnectionEnds = { remote: '-', local: '-' };

type State = 'head' | 'body' | 'answer' | 'tunnel' | 'closing' | 'closed';

export type ClientConnectionOptions = {
  servicePort: number | undefined;
  onGone: (connection: ClientConnection) => void;
};

export class ClientConnection implements ExchangeClient, LinkEvents {
  readonly #path: DataPath;
  readonly #onGone: (connection: ClientConnection) => void;
  /** The port of the services that the listener stands for. */
  readonly servicePort: number | undefined;
  readonly #carry = new Carry();
  #link: Link | undefined;
  #ends: ConnectionEnds | undefined;
  #origin: Origin | undefined;
  #state: State = 'head';
  #exchange: Exchange | undefined;
  readonly #body = new RequestBody();
  readonly keptHead: KeptHead = new KeptHead();
  #closesAfterAnswer = false;
  #saidClose = false;
  #processing = false;
  #paused = false;
  /** Whether the body in hand says how long it is, so that it can be told to be late. */
  #knowsLength = false;
  readonly #pace: ClientPace;

  constructor(path: DataPath, { servicePort, onGone }: ClientConnectionOptions) {
    this.#path = path;
    this.servicePort = servicePort;
    this.#onGone = onGone;
    this.#pace = new ClientPace(path.state.sweptMs);
  }

  attach(link: Link): void {
    this.#link = link;
  }

  get remoteAddress(): string {
    return this.origin.remoteAddress;
  }

  get origin(): Origin {
    this.#origin ??= originOf(this.#path.role, withoutMapping(this.#link?.remoteAddress ?? ''));
    return this.#origin;
  }

  get ends(): ConnectionEnds {
    this.#ends ??= this.#link?.ends();
    return this.#ends ?? NO_ENDS;
  }

  // Asked when a head is written: only a connection whose client was told so is closed behind its answer.
  get closesAfterAnswer(): boolean {
    this.#saidClose = this.#closesAfterAnswer || this.#path.state.draining;
    return this.#saidClose;
  }

  get isIdle(): boolean {
    return this.#state === 'head' && this.#carry.length === 0;
  }

  onBytes(bytes: Buffer, length: number): void {
    this.#pace.read(length, this.#path.state.sweptMs);
    if (this.#state === 'closed') return;
    if (this.#state === 'closing') {
      if (this.#pace.bytes > LINGER_BYTES_MOST) this.destroy();
      return;
    }
    if (this.#state === 'head' && this.#carry.hasNoNewLine(bytes, length, this.#path.limits.headBytes)) {
      this.#carry.append(bytes, length);
      return;
    }
    if (this.isIdle) this.#mark();
    const input = this.#carry.join(bytes, length);
    this.#process(input.carry, input.start, input.end);
  }

  onEnd(): void {
    if (this.#state === 'tunnel') {
      this.#exchange?.endTunnel();
      return;
    }
    this.#abort({ kind: 'clientGone' });
  }

  onClose(): void {
    this.#abort({ kind: 'clientGone' });
    this.#state = 'closed';
    this.#onGone(this);
  }

  onDrain(): void {
    this.#pace.stalls();
    this.#exchange?.clientDrained();
  }

  /** Looks at the clock: closes what is too slow or too long silent. */
  sweep(nowMs: number): void {
    const standing = {
      ...this.#pace.at(nowMs),
      state: this.isIdle ? ('idle' as const) : this.#state,
      draining: this.#path.state.draining,
      waitsForUs: this.#paused || this.#exchange?.takesBody !== true,
      knowsLength: this.#knowsLength,
      isTrusted: this.#path.role === 'sidecar',
    };
    const judgement = judgeSilence(standing, this.#path.limits);
    if (judgement === 'close' || judgement === 'destroy') {
      this.#path.counters.add(`sluice_proxy_closed_connections_total{reason="${reasonOf(standing, judgement)}"}`);
    }
    if (judgement === 'refuse') this.#refuse(408);
    if (judgement === 'close') this.#close();
    if (judgement === 'destroy') this.destroy();
  }

  destroy(): void {
    if (this.#state === 'closed') return;
    this.#abort({ kind: 'clientGone' });
    this.#state = 'closed';
    this.#link?.destroy();
  }

  sendAnswer(): boolean {
    const link = this.#link;
    if (link === undefined || this.#state === 'closed') {
      this.#path.outbox.discard();
      return true;
    }
    const flushed = this.#path.outbox.flushTo(link);
    if (!flushed) this.#pace.stalls(this.#path.clock.monotonicMs());
    return flushed;
  }

  pump(): void {
    if (this.#processing || this.#state === 'closed' || this.#state === 'closing') return;
    if (this.#carry.length > 0 || this.#state !== 'head') {
      const input = this.#carry.take();
      this.#process(input.carry, input.start, input.end);
    }
    if (this.#paused && this.#carry.length < WAITING_BYTES_MOST) {
      this.#paused = false;
      this.#link?.resume();
    }
  }

  answered({ mustClose }: { mustClose: boolean }): void {
    if (this.#state === 'closed') return;
    this.#exchange = undefined;
    this.keptHead.release();
    if (mustClose || this.#saidClose) {
      this.#close();
      return;
    }
    this.#state = 'head';
    this.#mark();
    this.pump();
  }

  cut(): void {
    this.#exchange = undefined;
    this.destroy();
  }

  becomeTunnel(): void {
    this.#state = 'tunnel';
  }

  #process(bytes: Buffer, start: number, end: number): void {
    this.#processing = true;
    let at = start;
    let before = -1;
    while (at !== before || this.#state === 'head') {
      before = at;
      at = this.#step(bytes, at, end);
      if (this.#state === 'head' && (at >= end || at === before)) break;
    }
    this.#exchange?.flushRequest();
    this.#processing = false;
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#carry.keep(bytes, at, end);
    if (this.#state === 'answer') this.#exchange?.requestDone();
    if (this.#state !== 'head' && this.#carry.length >= WAITING_BYTES_MOST && !this.#paused) {
      this.#paused = true;
      this.#link?.pause();
    }
  }

  /** @returns the position behind what was used; the same when more has to happen first */
  #step(bytes: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case 'head':
        return at >= end ? at : this.#readHead(bytes, at, end);
      case 'body':
        return this.#readBody(bytes, at, end);
      case 'tunnel':
        return this.#forward(bytes, at, end);
      case 'answer':
        return at;
      default:
        return end;
    }
  }

  #readHead(bytes: Buffer, start: number, end: number): number {
    const head = this.#path.requestHead;
    const next = head.parse(bytes, start, end);
    if (next === INCOMPLETE) return start;
    if (next < 0) {
      this.#refuse(-next, head.refusedFor);
      return end;
    }
    this.#closesAfterAnswer = head.wantsClose;
    this.#saidClose = false;
    if (head.method === 'OPTIONS' && head.maxForwards === '0') return this.#answerOptions(next);
    this.#body.begin(head.bodyLength);
    this.#knowsLength = head.bodyLength !== CHUNKED;
    this.#state = head.bodyLength === 0 ? 'answer' : 'body';
    this.#mark();
    const exchange = new Exchange(this.#path, this, head);
    this.#exchange = exchange;
    exchange.start(head);
    return next;
  }

  // RFC 9110 §7.6.2: with no hops left, the one who counts answers. A body nobody reads must not be taken for the next request.
  #answerOptions(next: number): number {
    if (this.#path.requestHead.bodyLength !== 0) this.#closesAfterAnswer = true;
    writeLocalReply(this.#path, { status: 200, body: '', closes: this.closesAfterAnswer, isHead: false });
    this.sendAnswer();
    if (this.#saidClose) this.#close();
    return next;
  }

  #readBody(bytes: Buffer, at: number, end: number): number {
    const exchange = this.#exchange as Exchange;
    if (!exchange.takesBody) return at;
    const { outbox } = this.#path;
    const from = outbox.length;
    const next = this.#body.take(bytes, at, end, outbox);
    if (this.#body.refusal !== 0) {
      outbox.discard();
      this.#refuse(this.#body.refusal);
      return end;
    }
    exchange.bodyAppended(from);
    if (this.#body.done) this.#state = 'answer';
    return next;
  }

  #forward(bytes: Buffer, at: number, end: number): number {
    const exchange = this.#exchange;
    if (exchange === undefined || !exchange.takesBody) return at;
    const from = this.#path.outbox.length;
    this.#path.outbox.bytes(bytes, at, end);
    exchange.bodyAppended(from);
    return end;
  }

  /** @param reason why a head was refused that could be read */
  #refuse(status: number, reason?: RequestHead['refusedFor']): void {
    this.#path.counters.add(`sluice_proxy_refused_requests_total{code="${status}"}`);
    this.#closesAfterAnswer = true;
    if (this.#exchange !== undefined) {
      this.#abort({ kind: 'badRequest', status });
      if (this.#state !== 'closing') this.destroy();
      return;
    }
    const failure: Failure =
      reason === undefined ? { kind: 'badRequest', status } : { kind: 'misaddressed', status, reason };
    writeRefusal(this.#path, this, failure);
    this.sendAnswer();
    this.#close();
  }

  #abort(failure: Failure): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      this.#exchange = undefined;
      exchange.abort(failure);
    }
    if (failure.kind === 'clientGone') this.#link?.destroy();
  }

  /** Closes our side; the other side is read on for a moment, because a reset could destroy the answer on its way. */
  #close(): void {
    if (this.#state === 'closed' || this.#state === 'closing') return;
    this.#state = 'closing';
    this.#carry.clear();
    this.#mark();
    this.#link?.resume();
    this.#link?.end();
  }

  #mark(): void {
    this.#pace.begin(this.#path.state.sweptMs);
  }
}
