/** The answer of an endpoint on its way to the client: its head with our fields, its body in a framing that clients understand. */

import { composeResponseHead, type ResponseFacts } from './compose-head.ts';
import type { ExchangeClient } from './exchange-client.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { Outbox } from './outbox.ts';
import type { ResponseFraming } from './upstream/response-framing.ts';

export class RelayedAnswer {
  /** Of the endpoint; `undefined` until an answer has begun. */
  framing: ResponseFraming | undefined;
  status = 0;
  isComplete = false;
  /** Whether the client has been sent a part, so that no other answer can take its place. */
  #isSent = false;
  readonly #outbox: Outbox;
  readonly #record: ExchangeRecord;
  readonly #isHead: boolean;

  constructor(outbox: Outbox, record: ExchangeRecord, isHead: boolean) {
    this.#outbox = outbox;
    this.#record = record;
    this.#isHead = isHead;
  }

  begin(head: ResponseHead, facts: ResponseFacts): void {
    this.framing = facts.framing;
    this.status = head.status;
    composeResponseHead(this.#outbox, head, facts);
  }

  body(bytes: Buffer, start: number, end: number): void {
    if (this.framing === undefined) return;
    const outbox = this.#outbox;
    const before = outbox.length;
    if (this.framing === 'untilClose' && !this.#isHead) {
      outbox.text(`${(end - start).toString(16)}\r\n`);
      outbox.bytes(bytes, start, end);
      outbox.text('\r\n');
    } else outbox.bytes(bytes, start, end);
    if (this.framing !== 'chunked') this.#record.responseBytes += outbox.length - before;
  }

  complete(): void {
    if (this.framing === 'untilClose') this.#outbox.text('0\r\n\r\n');
    this.isComplete = true;
  }

  /** Sends what one read brought. @returns false when the client has to take it before there can be more */
  passOn(client: ExchangeClient): boolean {
    const { length } = this.#outbox;
    if (length === 0) return true;
    if (this.framing === 'chunked') this.#record.responseBytes += length;
    this.#isSent ||= this.framing !== undefined;
    return client.sendAnswer();
  }

  /** The endpoint is lost. @returns whether the client has a part already, which nothing can complete */
  isCutOff(): boolean {
    this.#outbox.discard();
    if (!this.#isSent) this.framing = undefined;
    return this.#isSent;
  }
}
