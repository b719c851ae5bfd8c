/**
 * Where everything that is written is put together, once per worker: a head and the body bytes at hand go out in one write.
 *
 * Invariant: only memory of an outbox is ever handed to a socket. When the kernel takes a part only, libuv keeps pointing into
 * that memory, so the outbox gives it away and goes on with fresh memory; read buffers can never leak into another connection.
 */

import { ByteWriter } from './byte-writer.ts';
import type { Link } from './transport/link.ts';

/** A read buffer (64 KiB) and a head of usual size fit without growing. */
const USUAL_BYTES = 80 * 1_024;
/** Writes up to here are of few lengths, so the views that they need are worth keeping. */
const KEPT_VIEWS = 2_048;

export class Outbox extends ByteWriter {
  /** The beginnings of the memory that were sent before, by their length. */
  readonly #views: (Buffer | undefined)[] = new Array(KEPT_VIEWS).fill(undefined);

  constructor() {
    super(USUAL_BYTES);
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
    if (!sent) this.replace(Buffer.allocUnsafeSlow(USUAL_BYTES));
    return sent;
  }

  protected override replace(memory: Buffer): void {
    super.replace(memory);
    this.#views.fill(undefined);
  }

  #viewOf(length: number): Buffer {
    const known = this.#views[length];
    if (known !== undefined) return known;
    const view = this.memory.subarray(0, length);
    if (length < KEPT_VIEWS) this.#views[length] = view;
    return view;
  }
}
