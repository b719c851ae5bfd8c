/**
 * Where everything that is written is put together, once per worker: a head and the body bytes at hand go out in one write.
 *
 * Invariant: only memory of an outbox is ever handed to a socket. When the kernel takes a part only, libuv keeps pointing into
 * that memory, so the outbox gives it away and goes on with fresh memory; read buffers can never leak into another connection.
 */

import { CR, LF } from './h1/byte-classes.ts';
import type { Link } from './transport/link.ts';

/** A read buffer (64 KiB) and a head of usual size fit without growing. */
const USUAL_BYTES = 80 * 1_024;
/** Up to here a loop is faster than a call into Node (measured: 40 ns for the call alone, 0.9 ns per character). */
const SHORT_BYTES = 40;
/** Writes up to here are of few lengths, so the views that they need are worth keeping. */
const KEPT_VIEWS = 2_048;

export class Outbox {
  length = 0;
  #memory: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  /** The beginnings of the memory that were sent before, by their length. */
  #views: (Buffer | undefined)[] = new Array(KEPT_VIEWS).fill(undefined);

  text(latin1: string): void {
    const { length } = latin1;
    this.#ensure(length);
    const memory = this.#memory;
    if (length > SHORT_BYTES) {
      this.length += memory.write(latin1, this.length, length, 'latin1');
      return;
    }
    let to = this.length;
    for (let at = 0; at < length; at++) memory[to++] = latin1.charCodeAt(at);
    this.length = to;
  }

  /** CR LF. */
  endLine(): void {
    this.#ensure(2);
    this.#memory[this.length++] = CR;
    this.#memory[this.length++] = LF;
  }

  /** Bytes that were made once: the cheapest way by far. */
  constant(bytes: Uint8Array): void {
    this.#ensure(bytes.length);
    this.#memory.set(bytes, this.length);
    this.length += bytes.length;
  }

  bytes(source: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#ensure(length);
    const memory = this.#memory;
    if (length > SHORT_BYTES) {
      source.copy(memory, this.length, start, end);
      this.length += length;
      return;
    }
    let to = this.length;
    for (let at = start; at < end; at++) memory[to++] = source[at] as number;
    this.length = to;
  }

  /** What was put in since `from`, as a string of bytes: cheaper to keep than a buffer, when it is short. */
  textFrom(from: number): string {
    return this.#memory.toString('latin1', from, this.length);
  }

  /** A copy of what was put in since `from`. */
  copyFrom(from: number): Buffer {
    return Buffer.from(this.#memory.subarray(from, this.length));
  }

  /**
   * Writes everything to `link` and empties the outbox.
   *
   * @returns false when the link asks to wait for `onDrain` before more is sent
   */
  flushTo(link: Link): boolean {
    if (this.length === 0) return true;
    const view = this.#viewOf(this.length);
    this.length = 0;
    const sent = link.send(view);
    if (!sent) this.#replace(Buffer.allocUnsafeSlow(USUAL_BYTES));
    return sent;
  }

  discard(): void {
    this.length = 0;
  }

  #viewOf(length: number): Buffer {
    if (length >= KEPT_VIEWS) return this.#memory.subarray(0, length);
    let view = this.#views[length];
    if (view === undefined) {
      view = this.#memory.subarray(0, length);
      this.#views[length] = view;
    }
    return view;
  }

  #replace(memory: Buffer): void {
    this.#memory = memory;
    this.#views = new Array(KEPT_VIEWS).fill(undefined);
  }

  #ensure(more: number): void {
    if (this.length + more <= this.#memory.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#memory.length * 2, this.length + more));
    this.#memory.copy(larger, 0, 0, this.length);
    this.#replace(larger);
  }
}
