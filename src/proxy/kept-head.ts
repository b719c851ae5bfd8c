/** The head of a request as it was sent, kept for another try or for copies: in memory of its connection, which is used again. */

import type { ByteWriter } from './byte-writer.ts';

const SMALLEST_BYTES = 512;
/** Memory for larger heads is not kept for the next request. */
const USUAL_BYTES = 4_096;

export class KeptHead {
  #memory: Buffer | undefined;
  #length = 0;

  /** Keeps what lies in `out` from `from` on. */
  keep(out: ByteWriter, from: number): void {
    const length = out.length - from;
    let memory = this.#memory;
    if (memory === undefined || memory.length < length) {
      memory = Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, length));
      this.#memory = memory;
    }
    out.copyTo(memory, from);
    this.#length = length;
  }

  write(out: ByteWriter): void {
    if (this.#memory !== undefined) out.bytes(this.#memory, 0, this.#length);
  }

  /** The request is over. */
  release(): void {
    if (this.#memory !== undefined && this.#memory.length > USUAL_BYTES) this.#memory = undefined;
  }

  /** The bytes as Latin-1. */
  get text(): string {
    return this.#memory?.toString('latin1', 0, this.#length) ?? '';
  }
}
