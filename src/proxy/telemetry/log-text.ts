/**
 * Values of requests in log lines. A head may hold quotes, and any byte above 127; none of them may end a field or a line, or make
 * the file something else than UTF-8.
 */

import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from '../byte-writer.ts';

/** What stands in a line as it is: visible ASCII, but for the characters that end or begin an escape. */
const PLAIN = /^[ !#-[\]-~]*$/;
const NEEDS_ESCAPE = /["\\\p{Cc}\u2028\u2029\ufeff]/gu;
const NEEDS_ESCAPE_AS_BYTES = /["\\\p{Cc}\x80-\xff]/gu;
/** What `JSON.stringify` leaves, and a terminal or a reader of lines would not. */
const JSON_LEAVES = /[\x7f-\x9f\u2028\u2029\ufeff]/g;

const JSON_PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  PLAIN.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Writes what `jsonText` returns. */
export function writeJsonText(out: ByteWriter, latin1: string | undefined): void {
  if (latin1 === undefined || !out.quoted(latin1, JSON_PLAIN)) out.unicode(jsonText(latin1));
}

/** A JSON string, or `null`. @param latin1 bytes of a head */
export function jsonText(latin1: string | undefined): string {
  if (latin1 === undefined) return 'null';
  if (PLAIN.test(latin1)) return `"${latin1}"`;
  return JSON.stringify(latin1ToText(latin1)).replace(JSON_LEAVES, escaped);
}

/** The bytes of a head as text; what is no UTF-8 is replaced. */
export function latin1ToText(latin1: string): string {
  return unicodeOf(latin1) ?? Buffer.from(latin1, 'latin1').toString('utf8');
}

/** For a line of text; `-` when there is none. Quotes, backslashes, control characters and what is no UTF-8 are escaped as in C. */
export function plainText(latin1: string | undefined): string {
  if (latin1 === undefined || latin1 === '') return '-';
  if (PLAIN.test(latin1)) return latin1;
  return unicodeOf(latin1)?.replace(NEEDS_ESCAPE, escaped) ?? latin1.replace(NEEDS_ESCAPE_AS_BYTES, escaped);
}

/** @returns `undefined` when the bytes are no UTF-8 */
function unicodeOf(latin1: string): string | undefined {
  // Names that come from the table are text already.
  if (/[^\0-\xff]/.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

let second = Number.NaN;
let secondText = '';

/** ISO 8601 in UTC with milliseconds; the part that lines share is made once a second. @param at milliseconds since 1970 */
export function isoTime(at: number): string {
  const rest = restOfSecond(at);
  return `${secondText}${rest < 100 ? (rest < 10 ? '00' : '0') : ''}${rest}Z`;
}

/** Writes what `isoTime` returns. */
export function writeIsoTime(out: ByteWriter, at: number): void {
  const rest = restOfSecond(at);
  out.text(secondText);
  if (rest < 100) out.text(rest < 10 ? '00' : '0');
  out.decimal(rest);
  out.text('Z');
}

/** @returns its milliseconds; `secondText` is what stands before them */
function restOfSecond(at: number): number {
  const whole = Math.floor(at / 1_000);
  if (whole !== second) {
    second = whole;
    secondText = new Date(whole * 1_000).toISOString().slice(0, 20);
  }
  return Math.floor(at) - whole * 1_000;
}
