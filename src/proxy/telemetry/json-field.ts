/** Fields of the access log's JSON lines, written as bytes: the same line after line, but for a few values. */

import type { ByteWriter } from '../byte-writer.ts';
import { jsonText, writeJsonText } from './log-text.ts';

const NULL = Buffer.from('null');

/** The comma before a field that is not the first, its key, and the colon. */
export function jsonKey(key: string): Uint8Array {
  return Buffer.from(`,"${key}":`);
}

export function writeJsonNumber(out: ByteWriter, key: Uint8Array, value: number | undefined): void {
  out.constant(key);
  if (value === undefined) out.constant(NULL);
  else out.decimal(value);
}

/** A field whose value, a text or null, is another one in nearly every line. */
export function writeJsonField(out: ByteWriter, key: Uint8Array, value: string | undefined): void {
  out.constant(key);
  writeJsonText(out, value);
}

/** A field whose value, a text or null, comes again and again, and is made bytes once. */
export class JsonField {
  readonly #key: Uint8Array;
  #last: string | undefined;
  /** Of the whole field; absent until the last value has come twice. */
  #lastBytes: Uint8Array | undefined;

  constructor(key: string) {
    this.#key = jsonKey(key);
  }

  write(out: ByteWriter, value: string | undefined): void {
    if (value !== this.#last) {
      this.#last = value;
      this.#lastBytes = undefined;
      writeJsonField(out, this.#key, value);
      return;
    }
    this.#lastBytes ??= Buffer.concat([this.#key, Buffer.from(jsonText(value))]);
    out.constant(this.#lastBytes);
  }
}
