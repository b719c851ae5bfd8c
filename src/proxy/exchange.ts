/**
 * One request and its answer: sent where the table of that moment says, tried again where that is safe, answered, counted and
 * logged. The client connection feeds it, the upstream connection answers it.
 */

import { AnswerEdits } from './answer-edits.ts';
import { Attempts, type AttemptUser } from './attempts.ts';
import { type Answer, chooseDestination, type Forward } from './choose-destination.ts';
import type { DataPath } from './data-path.ts';
import type { Deadline } from './deadlines.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { type Ending, ExchangeRecord, type TryEnding, type Whereabouts } from './exchange-record.ts';
import { type Failure, type LocalReply, replyTo } from './failure.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import { type HeaderEdits, replacingEdits } from './header-edits.ts';
import { writeLocalReply } from './local-reply.ts';
import { MirrorCopies } from './mirror-copies.ts';
import { RelayedAnswer } from './relayed-answer.ts';
import type { RouteState } from './route-state.ts';
import type { ServedTable } from './served-table.ts';
import { clusterCounter } from './telemetry/metric-names.ts';
import { grpcStatusOf } from './telemetry/request-series.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { ResponseFraming } from './upstream/response-framing.ts';
import type { UpstreamConnection } from './upstream/upstream-connection.ts';

const OVERLOADED = replacingEdits([], [['x-envoy-overloaded', 'true']]);

export class Exchange implements AttemptUser {
  readonly isHead: boolean;
  readonly wantsTunnel: boolean;
  readonly #path: DataPath;
  readonly #client: ExchangeClient;
  readonly #table: ServedTable;
  readonly #record: ExchangeRecord;
  readonly #hasBody: boolean;
  readonly #expectsContinue: boolean;
  #route: RouteState | undefined;
  #cluster: ClusterState | undefined;
  readonly #edits = new AnswerEdits();
  #attempts: Attempts | undefined;
  #mirrors: MirrorCopies | undefined;
  #requestComplete = false;
  readonly #answer: RelayedAnswer;
  #finished = false;
  #cancelDelay: (() => void) | undefined;
  #timeout: Deadline | undefined;

  constructor(path: DataPath, client: ExchangeClient, head: RequestHead) {
    this.#path = path;
    this.#client = client;
    this.#table = path.table.current;
    this.#record = new ExchangeRecord(path, head, client);
    this.#hasBody = head.bodyLength !== 0;
    this.#expectsContinue = head.expectsContinue;
    this.isHead = head.method === 'HEAD';
    this.wantsTunnel = head.wantsWebSocket;
    this.#answer = new RelayedAnswer(path.outbox, this.#record, this.isHead);
  }

  /** Whether request bytes can be taken now. */
  get takesBody(): boolean {
    return this.#finished || this.#attempts?.takesBytes === true;
  }

  start(head: RequestHead): void {
    const destination = chooseDestination(this.#table, head, {
      servicePort: this.#client.servicePort,
      role: this.#path.role,
      remoteAddress: this.#record.clientAddress,
      nowMs: this.#record.startedMs,
      random: this.#path.random,
    });
    this.#route = destination.route;
    if ((destination.delayMs ?? 0) > 0) this.#record.isDelayed = true;
    this.#edits.remember(this.#path, destination, head, this.#record);
    switch (destination.kind) {
      case 'forward':
        this.#forward(head, destination);
        return;
      case 'answer':
        this.#afterDelay(destination.delayMs, () => this.#answerHere(destination));
        return;
      case 'failure':
        this.#cluster = destination.cluster;
        this.#afterDelay(destination.delayMs ?? 0, () => this.#fail(destination.failure));
        return;
      default:
        destination satisfies never;
    }
  }

  #forward(head: RequestHead, forward: Forward): void {
    this.#cluster = forward.cluster;
    // Bytes of a tunnel would be requests of their own behind a copy.
    if (forward.mirrors.length > 0 && !this.wantsTunnel) this.#mirrors = new MirrorCopies(this.#path, forward.mirrors);
    this.#attempts = new Attempts(this.#path, this, head, forward);
    this.#attempts.begin(head, this.#record, { mirrors: this.#mirrors !== undefined, trace: this.#record.trace });
    if (!this.#hasBody && forward.delayMs === 0) this.#armTimeout();
  }

  // An injected delay does not count against the timeout.
  onDelayed(): void {
    if (!this.#hasBody) this.#armTimeout();
  }

  #afterDelay(delayMs: number, act: () => void): void {
    if (delayMs === 0) act();
    else this.#cancelDelay = this.#path.clock.after(delayMs, act);
  }

  /** Body bytes of the request, already in the outbox from `from` on. */
  bodyAppended(from: number): void {
    this.#record.requestBytes += this.#path.outbox.length - from;
    this.#mirrors?.keepBody(from);
    this.#attempts?.keepBody(from);
  }

  /** Writes to the endpoint what the client connection put into the outbox. */
  flushRequest(): void {
    const { outbox } = this.#path;
    if (outbox.length === 0) return;
    if (this.#finished || this.#attempts === undefined) outbox.discard();
    else this.#attempts.flush();
  }

  /** The client has sent the whole request, and it was flushed. */
  requestDone(): void {
    if (this.#requestComplete || this.#finished) return;
    this.#requestComplete = true;
    const attempts = this.#attempts;
    attempts?.requestDone();
    if (this.#hasBody) this.#armTimeout();
    if (attempts?.head === undefined) return;
    this.#mirrors?.send({
      head: attempts.head.text + (this.#record.trace?.copyLines() ?? ''),
      isHead: this.isHead,
      timeoutMs: this.#route?.timeoutMs,
      entry: this.#record.entry({ flags: '-', details: 'mirror', status: 0 }, this.#whereabouts()),
    });
  }

  /** The client hung up or broke the rules in the middle of its body. */
  abort(failure: Failure): void {
    if (this.#finished) return;
    const reply = replyTo(failure);
    const canAnswer = this.#answer.framing === undefined && reply.status !== 0;
    this.#attempts?.release();
    if (canAnswer) this.#reply(failure);
    else this.#finish({ flags: reply.flags, details: reply.details, status: this.#answer.status });
  }

  clientDrained(): void {
    if (!this.#finished) this.#attempts?.connection?.resume();
  }

  /** The client closed its side of a tunnel. */
  endTunnel(): void {
    this.#attempts?.connection?.end();
  }

  // — the endpoint's side —

  onReady(connection: UpstreamConnection): void {
    this.#attempts?.writeHead(connection);
    this.#client.pump();
    this.flushRequest();
    if (this.#requestComplete) this.#attempts?.requestDone();
  }

  onConnectFailed(timedOut: boolean): void {
    const attempts = this.#attempts as Attempts;
    attempts.note('lost');
    if (attempts.mayReconnect()) this.#tryAgain({ flags: 'UF', status: 503 });
    else this.#fail({ kind: 'connectFailed', timedOut, retried: attempts.count > 1 });
  }

  onOverflow(): void {
    const name = this.#cluster?.cluster.name ?? '';
    this.#path.counters.add(clusterCounter('upstream_rq_pending_overflow', name));
    this.#edits.prepend(OVERLOADED);
    this.#fail({ kind: 'overloaded' });
  }

  onInterim(head: ResponseHead): void {
    // Only who asked for a 100 knows what to do with it; other interim answers are of no use to HTTP/1.1 clients.
    if (head.status !== 100 || !this.#expectsContinue || this.#finished) return;
    this.#path.outbox.text('HTTP/1.1 100 Continue\r\n\r\n');
  }

  onHead(head: ResponseHead, framing: ResponseFraming): void {
    if (this.#finished) return;
    this.#attempts?.note(head.status);
    if (this.#attempts?.mayRetryAnswer(head) === true) {
      this.#tryAgain({ flags: '-', status: head.status });
      return;
    }
    this.#attempts?.answerBegan();
    if (this.#record.isGrpc) this.#record.grpcStatus = grpcStatusOf(head.fields.first('grpc-status'));
    this.#answer.begin(head, {
      edits: this.#edits.isEmpty ? undefined : this.#editsOf(head),
      framing,
      closes: this.#client.closesAfterAnswer || !this.#requestComplete,
      serviceTimeMs: this.#record.answerBegan(head, this.#attempts?.connection),
    });
    if (framing === 'tunnel') {
      this.#timeout?.cancel();
      this.#client.becomeTunnel();
    }
  }

  #editsOf(head: ResponseHead): HeaderEdits | undefined {
    return this.#edits.resolve(() => ({
      status: head.status,
      field: (name) => head.fields.first(name),
      flags: '-',
      details: 'via_upstream',
      ...this.#place(),
    }));
  }

  onBody(bytes: Buffer, start: number, end: number): void {
    if (!this.#finished) this.#answer.body(bytes, start, end);
  }

  onComplete(): void {
    if (!this.#finished) this.#answer.complete();
  }

  onReadDone(): void {
    if (this.#finished) {
      this.#path.outbox.discard();
      return;
    }
    const answer = this.#answer;
    const flushed = answer.passOn(this.#client);
    if (!answer.isComplete) {
      this.#record.awaitMore();
      if (!flushed) this.#attempts?.connection?.pause();
      if (answer.framing === 'tunnel') this.#client.pump();
      return;
    }
    const mustClose = !this.#requestComplete || answer.framing === 'tunnel';
    this.#finish({ flags: '-', details: 'via_upstream', status: answer.status });
    this.#client.answered({ mustClose });
  }

  onBroken(reason: 'closed' | 'protocol'): void {
    const attempts = this.#attempts as Attempts;
    const answered = attempts.connection?.answered ?? false;
    attempts.connection = undefined;
    if (this.#finished) return;
    const isStale = reason === 'closed' && !answered && this.#answer.framing === undefined && attempts.isStale;
    if (!isStale) attempts.note('lost');
    if (this.#answer.isCutOff()) {
      const flags = reason === 'closed' ? 'UC' : 'UPE';
      this.#finish({ flags, details: 'upstream_reset_after_response_started', status: this.#answer.status });
      this.#client.cut();
    } else if (reason === 'closed' && !answered && attempts.mayRepeat()) {
      this.#tryAgain({ flags: 'UC', status: 503 });
    } else this.#fail(reason === 'closed' ? { kind: 'upstreamClosed' } : { kind: 'upstreamProtocol' });
  }

  onDrain(): void {
    this.#attempts?.drained();
    if (!this.#finished) this.#client.pump();
  }

  #tryAgain(ended: TryEnding): void {
    const attempts = this.#attempts as Attempts;
    // A connection that was closed while it rested is no failure of the service behind it.
    const stale = ended.flags === 'UC' && attempts.isStale;
    if (!stale) this.#record.countTry(ended, this.#whereabouts());
    if (!attempts.tryAgain({ stale })) this.#fail({ kind: 'noEndpoint' });
  }

  onTryTimeout(): void {
    if (this.#finished || this.#answer.framing !== undefined) return;
    this.#attempts?.note('late');
    if (this.#attempts?.mayRetryTimeout() === true) this.#tryAgain({ flags: 'UT', status: 504 });
    else this.#fail({ kind: 'timeout', isOfTry: true });
  }

  #armTimeout(): void {
    const timeoutMs = this.#route?.timeoutMs;
    if (timeoutMs === undefined || this.#finished || this.#timeout !== undefined) return;
    const { clock, deadlines } = this.#path;
    // The clock is asked only when the body took its time.
    const nowMs = this.#hasBody || this.#record.isDelayed ? clock.monotonicMs() : this.#record.startedMs;
    this.#timeout = deadlines.set(timeoutMs, nowMs, this);
  }

  onDeadline(): void {
    if (this.#finished) return;
    if (this.#answer.framing === undefined) {
      this.#attempts?.note('late');
      this.#fail({ kind: 'timeout' });
      return;
    }
    this.#attempts?.release();
    this.#finish({ flags: 'UT', details: 'response_timeout', status: this.#answer.status });
    this.#client.cut();
  }

  #answerHere({ status, body, flags, details }: Answer): void {
    this.#writeReply({ status, flags, details, body });
    this.#finish({ flags, details, status });
    this.#client.answered({ mustClose: this.#hasBody });
  }

  #fail(failure: Failure): void {
    this.#attempts?.release();
    this.#reply(failure);
  }

  #reply(failure: Failure): void {
    const reply = replyTo(failure);
    const { status, flags, details } = reply;
    this.#path.outbox.discard();
    this.#writeReply(reply);
    this.#finish({ flags, details, status });
    this.#client.answered({ mustClose: !this.#requestComplete && this.#hasBody });
  }

  #writeReply({ status, flags, details, body }: LocalReply): void {
    const closes = this.#client.closesAfterAnswer || (!this.#requestComplete && this.#hasBody);
    const edits = this.#edits.resolve(() => ({ status, flags, details, ...this.#place() }));
    writeLocalReply(this.#path, { status, body, closes, isHead: this.isHead, edits });
    this.#record.responseBytes = body.length;
    this.#client.sendAnswer();
  }

  #finish(ending: Ending): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#cancelDelay?.();
    this.#timeout?.cancel();
    this.#attempts?.finish();
    this.#mirrors?.release();
    this.#record.write(ending, this.#whereabouts());
  }

  #place(): { upstreamHost: string | undefined; attempts: number | undefined } {
    return { upstreamHost: this.#attempts?.endpoint?.address, attempts: this.#attempts?.count };
  }

  #whereabouts(): Whereabouts {
    const endpoint = this.#attempts?.endpoint;
    return {
      route: this.#route,
      cluster: this.#cluster,
      endpoint,
      tried: endpoint !== undefined && this.#attempts?.isTrying === true,
      triedFromMs: this.#attempts?.triedFromMs,
      attempts: this.#attempts?.count ?? 0,
      isExhausted: this.#attempts?.isExhausted === true,
      tableVersion: this.#table.version,
    };
  }
}
