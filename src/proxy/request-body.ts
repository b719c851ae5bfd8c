/** Reads the body of one request and puts it into the outbox in the form in which it is sent on. */

import { ChunkScanner } from './h1/chunk-scanner.ts';
import { CHUNKED } from './h1/framing.ts';
import type { Outbox } from './outbox.ts';

export class RequestBody {
  #left = 0;
  #scanner: ChunkScanner | undefined;

  /** @param length bytes, or CHUNKED */
  begin(length: number): void {
    this.#left = length === CHUNKED ? 0 : length;
    this.#scanner = length === CHUNKED ? new ChunkScanner() : undefined;
  }

  get done(): boolean {
    return this.#scanner === undefined ? this.#left === 0 : this.#scanner.done;
  }

  /** 0, or the status to refuse the request with. */
  get refusal(): number {
    return this.#scanner?.refusal ?? 0;
  }

  /** @returns the position behind the last byte taken */
  take(bytes: Buffer, start: number, end: number, out: Outbox): number {
    if (this.#scanner !== undefined) return this.#scanner.feed(bytes, start, end, out);
    const next = Math.min(end, start + this.#left);
    out.bytes(bytes, start, next);
    this.#left -= next - start;
    return next;
  }
}
