/**
 * Request ids for requests that bring none, in the form of random UUIDs (RFC 9562 §5.4). Drawing and writing 122 bits for each
 * would cost more than parsing the head, so the first half is drawn anew only now and then, and the rest for every request; and
 * an id is written as bytes, and made a string only for those who ask for one.
 */

import type { GeneratedId } from './h1/request-head.ts';

const HEX_DIGITS: Uint8Array = Buffer.from('0123456789abcdef');
/** How many ids share their first half. */
const SHARED_BY = 4_096;
const ID_BYTES = 36;
/** Where the half begins that is drawn for every request. */
const OWN_AT = 24;

export class RequestIds {
  /** The id that was made last. */
  readonly #bytes: Uint8Array = new Uint8Array(ID_BYTES);
  readonly #random: () => number;
  #shared: Uint8Array = Buffer.alloc(OWN_AT);
  #left = 0;

  /** @param random numbers in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  next(): GeneratedId {
    if (this.#left-- === 0) this.#drawShared();
    // The counter makes ids of one first half differ, whatever is drawn.
    const id = new CountedId(this.#bytes, this.#shared, this.#left, Math.floor(this.#random() * 0x1_0000_0000) | 0);
    id.writeOwn(this.#bytes);
    return id;
  }

  #drawShared(): void {
    this.#left = SHARED_BY - 1;
    const hex = (digits: number) =>
      Math.floor(this.#random() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    const variant = '89ab'[Math.floor(this.#random() * 4)];
    this.#shared = Buffer.from(`${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-`);
    this.#bytes.set(this.#shared);
  }
}

/** Where texts are made. */
const SCRATCH = Buffer.allocUnsafe(ID_BYTES);

class CountedId implements GeneratedId {
  readonly bytes: Uint8Array;
  readonly #shared: Uint8Array;
  readonly #count: number;
  readonly #drawn: number;

  constructor(bytes: Uint8Array, shared: Uint8Array, count: number, drawn: number) {
    this.bytes = bytes;
    this.#shared = shared;
    this.#count = count;
    this.#drawn = drawn;
  }

  get text(): string {
    SCRATCH.set(this.#shared);
    this.writeOwn(SCRATCH);
    return SCRATCH.toString('latin1');
  }

  /** Writes the second half. */
  writeOwn(bytes: Uint8Array): void {
    for (let digit = 0; digit < 4; digit++) bytes[OWN_AT + digit] = digitOf(this.#count, 12 - 4 * digit);
    for (let digit = 0; digit < 8; digit++) bytes[OWN_AT + 4 + digit] = digitOf(this.#drawn, 28 - 4 * digit);
  }
}

function digitOf(bits: number, shift: number): number {
  return HEX_DIGITS[(bits >>> shift) & 15] as number;
}
