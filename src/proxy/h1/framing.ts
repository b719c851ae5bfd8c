/** How long a message body is, by its Content-Length and Transfer-Encoding fields (RFC 9112 §6). */

import { SPACE, TAB } from './byte-classes.ts';

/** Body framing: a number of bytes, or chunked. */
export const CHUNKED = -2;
/** No field says anything about a body. */
export const UNFRAMED = -3;

/**
 * Content-Length as decimal digits only (RFC 9110 §8.6): no sign, list, blank or exponent, and never rounded.
 *
 * @returns bytes, or `undefined` when the value is not allowed
 */
export function parseContentLength(text: string): number | undefined {
  if (text.length === 0 || text.length > 16) return undefined;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    length = length * 10 + digit;
  }
  return Number.isSafeInteger(length) ? length : undefined;
}

/** What a Transfer-Encoding value asks for: `chunked` alone is understood, other codings below chunked are 501, the rest 400. */
export function judgeTransferEncoding(value: string): 'chunked' | 'unsupported' | 'bad' {
  const codings = elementsOf(value);
  if (codings.length === 1 && codings[0] === 'chunked') return 'chunked';
  const known = codings.every((coding) => /^[a-z0-9-]+$/.test(coding));
  return known && codings.at(-1) === 'chunked' && !codings.slice(0, -1).includes('chunked') ? 'unsupported' : 'bad';
}

/**
 * The elements of a list (RFC 9110 §5.6.1) in lower case. Only blank and tab stand around them: `trim` would take away 0xa0 and
 * 0x85, too, and see `chunked` where the server behind sees something else.
 */
export function elementsOf(list: string): string[] {
  return list.toLowerCase().split(',').map(withoutBlanks);
}

// By hand, because a regular expression takes quadratic time for many blanks inside.
function withoutBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (start < end && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
