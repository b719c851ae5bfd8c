/**
 * Texts of heads as strings. Heads repeat each other: the same Host, the same path, the same lengths. So the last text of each
 * length is remembered, and comparing a few bytes takes the place of making a string (measured: a third of it, and no garbage).
 */

/** Longer texts seldom repeat, and comparing them costs more than it saves. */
const BYTES_MOST = 96;

export class TextMemo {
  readonly #texts: (string | undefined)[] = new Array(BYTES_MOST + 1).fill(undefined);
  readonly #bytes: Uint8Array[] = Array.from({ length: BYTES_MOST + 1 }, (_, length) => new Uint8Array(length));

  /** The bytes from `start` to `end` as Latin-1. */
  read(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > BYTES_MOST) return bytes.toString('latin1', start, end);
    const known = this.#bytes[length] as Uint8Array;
    let at = 0;
    while (at < length && known[at] === bytes[start + at]) at++;
    const text = this.#texts[length];
    if (at === length && text !== undefined) return text;
    for (; at < length; at++) known[at] = bytes[start + at] as number;
    const made = bytes.toString('latin1', start, end);
    this.#texts[length] = made;
    return made;
  }
}
