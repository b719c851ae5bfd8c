/**
 * Reads a chunked body (RFC 9112 §7.1) byte by byte and writes it on in its plainest form: no extensions, no leading zeros, no
 * trailers. So nobody behind us ever sees a spelling that servers disagree about.
 */

import type { Outbox } from '../outbox.ts';
import { COLON, CR, HEX, LF, TOKEN_LOWER, VALUE } from './byte-classes.ts';

const EXTENSION_BYTES_MOST = 16_384;
const TRAILER_BYTES_MOST = 16_384;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

type State =
  | 'size'
  | 'extensionName'
  | 'extensionValue'
  | 'quoted'
  | 'escaped'
  | 'afterQuoted'
  | 'sizeEnd'
  | 'data'
  | 'dataCr'
  | 'dataLf'
  | 'trailerStart'
  | 'trailerName'
  | 'trailerValue'
  | 'trailerLf'
  | 'finalLf'
  | 'done';

export class ChunkScanner {
  /** 0, or the status of a refusal: 400, 413 (size beyond what can be counted, extensions) or 431 (trailers). */
  refusal = 0;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #inElement = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  get done(): boolean {
    return this.#state === 'done';
  }

  /**
   * Takes bytes up to the end of the body or of the input.
   *
   * @returns the position behind the last byte taken; stops at the first refused byte
   */
  feed(bytes: Buffer, start: number, end: number, out: Outbox): number {
    let at = start;
    while (at < end && this.#state !== 'done' && this.refusal === 0) {
      if (this.#state === 'data') {
        const until = Math.min(end, at + this.#size);
        out.bytes(bytes, at, until);
        this.#size -= until - at;
        at = until;
        if (this.#size === 0) this.#state = 'dataCr';
      } else {
        this.#step(bytes[at] as number, out);
        at++;
      }
    }
    return at;
  }

  #step(byte: number, out: Outbox): void {
    switch (this.#state) {
      case 'size':
        this.#stepSize(byte);
        return;
      case 'extensionName':
      case 'extensionValue':
      case 'quoted':
      case 'escaped':
      case 'afterQuoted':
        this.#stepExtension(byte);
        return;
      case 'sizeEnd':
        if (byte === LF) this.#beginChunk(out);
        else this.#refuse(400);
        return;
      case 'dataCr':
        this.#expect(byte, CR, 'dataLf');
        return;
      case 'dataLf':
        if (byte === LF) {
          out.text('\r\n');
          this.#beginSize();
        } else this.#refuse(400);
        return;
      case 'finalLf':
        if (byte === LF) {
          out.text('0\r\n\r\n');
          this.#state = 'done';
        } else this.#refuse(400);
        return;
      default:
        this.#stepTrailer(byte);
    }
  }

  #stepSize(byte: number): void {
    const digit = HEX[byte] as number;
    if (digit !== 255) {
      if (++this.#digits > 16) {
        this.#refuse(400);
        return;
      }
      this.#size = this.#size * 16 + digit;
    } else if (this.#digits === 0) this.#refuse(400);
    else if (this.#size > Number.MAX_SAFE_INTEGER) this.#refuse(413);
    else if (byte === CR) this.#state = 'sizeEnd';
    else if (byte === SEMICOLON) this.#begin('extensionName');
    else this.#refuse(400);
  }

  // chunk-ext = *( ";" token [ "=" ( token / quoted-string ) ] ), without the blanks that old senders put there.
  #stepExtension(byte: number): void {
    if (++this.#extensionBytes > EXTENSION_BYTES_MOST) {
      this.#refuse(413);
      return;
    }
    const state = this.#state;
    if (state === 'quoted') {
      if (byte === QUOTE) this.#state = 'afterQuoted';
      else if (byte === BACKSLASH) this.#state = 'escaped';
      else if (VALUE[byte] !== 1) this.#refuse(400);
    } else if (state === 'escaped') {
      if (VALUE[byte] === 1) this.#state = 'quoted';
      else this.#refuse(400);
    } else if (state !== 'afterQuoted' && TOKEN_LOWER[byte] !== 0) {
      this.#inElement++;
    } else if (state === 'extensionValue' && byte === QUOTE && this.#inElement === 0) {
      this.#state = 'quoted';
    } else if (state !== 'afterQuoted' && this.#inElement === 0) {
      this.#refuse(400);
    } else if (byte === EQUALS && state === 'extensionName') this.#begin('extensionValue');
    else if (byte === SEMICOLON) this.#begin('extensionName');
    else if (byte === CR) this.#state = 'sizeEnd';
    else this.#refuse(400);
  }

  #stepTrailer(byte: number): void {
    if (++this.#trailerBytes > TRAILER_BYTES_MOST) {
      this.#refuse(431);
      return;
    }
    const state = this.#state;
    if (state === 'trailerStart' && byte === CR) this.#state = 'finalLf';
    else if (state === 'trailerStart' && TOKEN_LOWER[byte] !== 0) this.#state = 'trailerName';
    else if (state === 'trailerName' && byte === COLON) this.#state = 'trailerValue';
    else if (state === 'trailerValue' && byte === CR) this.#state = 'trailerLf';
    else if (state === 'trailerLf' && byte === LF) this.#state = 'trailerStart';
    else if (
      !(state === 'trailerName' && TOKEN_LOWER[byte] !== 0) &&
      !(state === 'trailerValue' && VALUE[byte] === 1)
    ) {
      this.#refuse(400);
    }
  }

  #begin(state: State): void {
    this.#state = state;
    this.#inElement = 0;
  }

  #beginSize(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
  }

  #beginChunk(out: Outbox): void {
    if (this.#size === 0) {
      this.#state = 'trailerStart';
      return;
    }
    out.text(`${this.#size.toString(16)}\r\n`);
    this.#state = 'data';
  }

  #expect(byte: number, expected: number, next: State): void {
    if (byte === expected) this.#state = next;
    else this.#refuse(400);
  }

  #refuse(status: number): void {
    this.refusal = status;
  }
}
