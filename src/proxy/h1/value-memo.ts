/**
 * The values that fields had at the same places of the head before. Heads of one client or service repeat each other, so the bytes
 * of a value are compared, eight at a time, before they are looked at one by one: what is equal to something good is good.
 */

/** Places and bytes beyond are read as if nothing had been before. */
const PLACES = 24;
const BYTES_MOST = 256;
const WORD = 8;

export class ValueMemo {
  readonly #kept: DataView = new DataView(new ArrayBuffer(PLACES * BYTES_MOST));
  readonly #bytes: Buffer = Buffer.from(this.#kept.buffer as ArrayBuffer);
  readonly #lengths: Int32Array = new Int32Array(PLACES);

  /**
   * @param words the bytes of the head
   * @returns the position behind the part of a value at `at` that is known to be good: `at` itself, or where the value before ended
   */
  skip(words: DataView, at: number, end: number, place: number): number {
    const length = place < PLACES ? (this.#lengths[place] as number) : 0;
    if (length === 0 || at + length >= end) return at;
    const kept = this.#kept;
    const from = place * BYTES_MOST;
    // As numbers: bytes that make none are not equal to themselves, and no good value has the zeros of which there are two.
    const last = length - WORD;
    for (let offset = 0; offset < last; offset += WORD) {
      if (kept.getFloat64(from + offset, true) !== words.getFloat64(at + offset, true)) return at;
    }
    return kept.getFloat64(from + last, true) === words.getFloat64(at + last, true) ? at + length : at;
  }

  /** Remembers a good value. */
  keep(bytes: Buffer, start: number, end: number, place: number): void {
    const length = end - start;
    if (place >= PLACES || length < WORD || length > BYTES_MOST) return;
    bytes.copy(this.#bytes, place * BYTES_MOST, start, end);
    this.#lengths[place] = length;
  }
}
