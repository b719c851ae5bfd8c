/**
 * Request ids for requests that bring none, in the form of random UUIDs (RFC 9562 §5.4). Drawing and writing 122 bits for each
 * would cost more than parsing the head, so the first half is drawn anew only now and then, and the rest for every request; and
 * an id is written as bytes, and made a string only for those who ask for one.
 */

import type { GeneratedId } from './h1/request-head.ts';

const HEX_PAIRS: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
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
  #prefix = '';
  #left = 0;

  /** @param random numbers in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  next(): GeneratedId {
    if (this.#left-- === 0) this.#drawPrefix();
    // The counter makes ids of one prefix differ, whatever is drawn.
    const count = this.#left;
    const drawn = Math.floor(this.#random() * 0x1_0000_0000) | 0;
    const bytes = this.#bytes;
    bytes[OWN_AT] = HEX_DIGITS[count >>> 12] as number;
    bytes[OWN_AT + 1] = HEX_DIGITS[(count >>> 8) & 15] as number;
    bytes[OWN_AT + 2] = HEX_DIGITS[(count >>> 4) & 15] as number;
    bytes[OWN_AT + 3] = HEX_DIGITS[count & 15] as number;
    for (let digit = 0; digit < 8; digit++) {
      bytes[OWN_AT + 4 + digit] = HEX_DIGITS[(drawn >>> (28 - 4 * digit)) & 15] as number;
    }
    return new CountedId(bytes, this.#prefix, count, drawn);
  }

  #drawPrefix(): void {
    this.#left = SHARED_BY - 1;
    const random = this.#random;
    const bits = () => hexPairs(Math.floor(random() * 0x1_0000_0000));
    const variant = '89ab'[Math.floor(random() * 4)];
    this.#prefix = `${bits()}-${bits().slice(0, 4)}-4${bits().slice(0, 3)}-${variant}${bits().slice(0, 3)}-`;
    this.#bytes.set(Buffer.from(this.#prefix, 'latin1'));
  }
}

class CountedId implements GeneratedId {
  /** As it is written; good until the next one is made. */
  readonly bytes: Uint8Array;
  readonly #prefix: string;
  readonly #count: number;
  readonly #drawn: number;

  constructor(bytes: Uint8Array, prefix: string, count: number, drawn: number) {
    this.bytes = bytes;
    this.#prefix = prefix;
    this.#count = count;
    this.#drawn = drawn;
  }

  get text(): string {
    return this.#prefix + HEX_PAIRS[this.#count >>> 8] + HEX_PAIRS[this.#count & 255] + hexPairs(this.#drawn);
  }
}

function hexPairs(bits: number): string {
  const pairs = HEX_PAIRS;
  return (
    (pairs[bits >>> 24] as string) +
    pairs[(bits >>> 16) & 255] +
    pairs[(bits >>> 8) & 255] +
    (pairs[bits & 255] as string)
  );
}
