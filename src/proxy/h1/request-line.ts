/** The first line of a request (RFC 9112 §3): method, target and version. One object per worker is filled anew for every request. */

import { CR, LF, SPACE, TARGET, TOKEN_LOWER } from './byte-classes.ts';
import { endOfLine, INCOMPLETE } from './field-list.ts';
import { TextMemo } from './text-memo.ts';

const METHOD_LENGTH_MOST = 24;

export class RequestLine {
  /** Where it begins. */
  start = 0;
  method = '';
  target = '';
  version: 11 | 10 = 11;
  /** Whether the target holds what may have to be normalised. */
  isOdd = false;
  readonly #texts = new TextMemo();

  /** @returns the position behind the line, `INCOMPLETE`, -400, or -505 */
  parse(bytes: Buffer, start: number, end: number): number {
    let at = start;
    this.start = start;
    while (at < end && TOKEN_LOWER[bytes[at] as number] !== 0) at++;
    if (at - start > METHOD_LENGTH_MOST) return -400;
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== SPACE || at === start) return -400;
    const methodEnd = at++;
    const targetStart = at;
    let kinds = 0;
    for (; at < end; at++) {
      const kind = TARGET[bytes[at] as number] as number;
      if (kind === 0) break;
      kinds |= kind;
    }
    this.isOdd = kinds > 1;
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== SPACE || at === targetStart) return -400;
    const targetEnd = at++;
    if (at + 9 < end && isVersion11(bytes, at)) {
      this.version = 11;
      this.method = this.#texts.read(bytes, start, methodEnd);
      this.target = this.#texts.read(bytes, targetStart, targetEnd);
      return at + 10;
    }
    if (at + 8 >= end) return isPrefixOfVersion(bytes.toString('latin1', at, end)) ? INCOMPLETE : -400;
    const version = bytes.toString('latin1', at, at + 8);
    if (!/^HTTP\/\d\.\d$/.test(version)) return -400;
    const next = endOfLine(bytes, at + 8, end);
    if (next < 0) return next;
    if (version !== 'HTTP/1.1' && version !== 'HTTP/1.0') return -505;
    this.version = version === 'HTTP/1.1' ? 11 : 10;
    this.method = bytes.toString('latin1', start, methodEnd);
    this.target = bytes.toString('latin1', targetStart, targetEnd);
    return next;
  }
}

/** Whether the ten bytes at `at` are `HTTP/1.1` and CR LF. */
function isVersion11(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 5] === 0x31 &&
    bytes[at + 6] === 0x2e &&
    bytes[at + 7] === 0x31 &&
    bytes[at + 8] === CR &&
    bytes[at + 9] === LF
  );
}

function isPrefixOfVersion(text: string): boolean {
  return /^(?:H(?:T(?:T(?:P(?:\/(?:\d(?:\.(?:\d\r?)?)?)?)?)?)?)?)?$/.test(text);
}
