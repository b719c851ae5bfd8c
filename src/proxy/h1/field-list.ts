/**
 * The fields of a head as positions in the bytes they were read from: nothing is copied until somebody asks. Names are folded
 * to lower case in place, as Envoy sends them upstream. Stricter than RFC 9112 asks for, because whatever passes here is
 * believed by the server behind: no bare CR or LF, no folding, no blank before the colon, no control bytes.
 */

import { COLON, CR, LF, SPACE, TAB, TOKEN_LOWER, VALUE } from './byte-classes.ts';
import { TextMemo } from './text-memo.ts';
import { ValueMemo } from './value-memo.ts';

/** More bytes are needed. Any other negative result is a refusal: minus the status to answer with. */
export const INCOMPLETE = -1;

const STRIDE = 5;
const UNDERSCORE = 0x5f;

export class FieldList {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** Where the first field begins. */
  start = 0;
  /** Where the empty line begins that ends the head. */
  end = 0;
  readonly #spans: Int32Array;
  readonly #most: number;
  /** Whether a name holds an underscore: few do, and those want a second look. */
  hasUnderscore = false;
  readonly #texts = new TextMemo();
  readonly #values = new ValueMemo();
  /** The same bytes, to be read in words. */
  #words: DataView = new DataView(new ArrayBuffer(0));

  constructor(most: number) {
    this.#most = most;
    this.#spans = new Int32Array(STRIDE * most);
  }

  nameStart(index: number): number {
    return this.#spans[index * STRIDE] as number;
  }
  nameEnd(index: number): number {
    return this.#spans[index * STRIDE + 1] as number;
  }
  valueStart(index: number): number {
    return this.#spans[index * STRIDE + 2] as number;
  }
  valueEnd(index: number): number {
    return this.#spans[index * STRIDE + 3] as number;
  }
  /** What happens to the field when the head is sent on: 0 is kept, anything else is up to the kind of head. */
  mark(index: number): number {
    return this.#spans[index * STRIDE + 4] as number;
  }
  setMark(index: number, mark: number): void {
    this.#spans[index * STRIDE + 4] = mark;
  }

  /** Where the line behind the field begins: another field, or the empty line. */
  nextLine(index: number): number {
    return index + 1 < this.count ? this.nameStart(index + 1) : this.end;
  }
  /** Whether the line of the field is written as we write lines: `name: value`, and no blank more. */
  isTidy(index: number): boolean {
    const nameEnd = this.nameEnd(index);
    const isApart = this.bytes[nameEnd + 1] === SPACE && this.valueStart(index) === nameEnd + 2;
    return isApart && this.nextLine(index) === this.valueEnd(index) + 2;
  }

  name(index: number): string {
    return this.#texts.read(this.bytes, this.nameStart(index), this.nameEnd(index));
  }
  value(index: number): string {
    return this.#texts.read(this.bytes, this.valueStart(index), this.valueEnd(index));
  }

  /** Whether the name of a field is `name`, which is lower case. */
  isNamed(index: number, name: string): boolean {
    const start = this.nameStart(index);
    if (this.nameEnd(index) - start !== name.length) return false;
    const { bytes } = this;
    for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name.charCodeAt(at)) return false;
    return true;
  }

  /** First value of the field `name`. */
  first(name: string): string | undefined {
    for (let index = 0; index < this.count; index++) if (this.isNamed(index, name)) return this.value(index);
    return undefined;
  }

  all(name: string): string[] {
    const values: string[] = [];
    for (let index = 0; index < this.count; index++) if (this.isNamed(index, name)) values.push(this.value(index));
    return values;
  }

  /**
   * Reads field lines up to the empty line that ends a head (RFC 9112 §5).
   *
   * @returns the position behind the empty line, `INCOMPLETE`, -400 or -431 (more fields than allowed)
   */
  scan(bytes: Buffer, start: number, end: number): number {
    if (bytes !== this.bytes) this.#words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.bytes = bytes;
    this.start = start;
    this.count = 0;
    this.hasUnderscore = false;
    let at = start;
    for (;;) {
      if (at >= end) return INCOMPLETE;
      if (bytes[at] === CR) {
        this.end = at;
        return endOfLine(bytes, at, end);
      }
      const nameStart = at;
      at = this.#scanName(bytes, at, end);
      if (at >= end) return INCOMPLETE;
      if (bytes[at] !== COLON || at === nameStart) return -400;
      const nameEnd = at++;
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      const valueStart = at;
      const knownEnd = this.#values.skip(this.#words, at, end, this.count);
      at = knownEnd;
      while (at < end && VALUE[bytes[at] as number] === 1) at++;
      if (at >= end) return INCOMPLETE;
      const next = endOfLine(bytes, at, end);
      if (next < 0) return next;
      if (at !== knownEnd) this.#values.keep(bytes, valueStart, at, this.count);
      if (this.count === this.#most) return -431;
      this.#add(nameStart, nameEnd, valueStart, trimmedEnd(bytes, valueStart, at));
      at = next;
    }
  }

  #scanName(bytes: Buffer, start: number, end: number): number {
    let at = start;
    for (; at < end; at++) {
      const lower = TOKEN_LOWER[bytes[at] as number] as number;
      if (lower === 0) break;
      if (lower === UNDERSCORE) this.hasUnderscore = true;
      bytes[at] = lower;
    }
    return at;
  }

  #add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const slot = this.count++ * STRIDE;
    const spans = this.#spans;
    spans[slot] = nameStart;
    spans[slot + 1] = nameEnd;
    spans[slot + 2] = valueStart;
    spans[slot + 3] = valueEnd;
    spans[slot + 4] = 0;
  }
}

/** @param at position of what has to be CR LF */
export function endOfLine(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] !== CR) return -400;
  if (at + 1 >= end) return INCOMPLETE;
  return bytes[at + 1] === LF ? at + 2 : -400;
}

function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === SPACE || bytes[at - 1] === TAB)) at--;
  return at;
}
