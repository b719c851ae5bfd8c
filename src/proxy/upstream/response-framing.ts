/** How the body of a response ends (RFC 9112 §6.3): by status and method first, whatever the fields say. */

import { CHUNKED, UNFRAMED } from '../h1/framing.ts';
import type { ResponseHead } from '../h1/response-head.ts';

/** `length`: after `bodyBytes`, which may be none; `untilClose` and `tunnel`: with the connection. */
export type ResponseFraming = 'length' | 'chunked' | 'untilClose' | 'tunnel';

export function framingOf(head: ResponseHead, { isHead }: { isHead: boolean }): ResponseFraming {
  if (head.status === 101) return 'tunnel';
  if (isHead || hasNoBody(head)) return 'length';
  if (head.bodyLength === CHUNKED) return 'chunked';
  return head.bodyLength === UNFRAMED ? 'untilClose' : 'length';
}

/** Bytes of a body whose length is known. */
export function bodyBytes(head: ResponseHead, { isHead }: { isHead: boolean }): number {
  return isHead || hasNoBody(head) ? 0 : head.bodyLength;
}

/** Whether a body is sent behind an answer that has none, where it would be taken for the next answer. */
export function bringsForbiddenBody({ status, bodyLength }: ResponseHead): boolean {
  return status === 204 && bodyLength !== UNFRAMED && bodyLength !== 0;
}

function hasNoBody({ status }: ResponseHead): boolean {
  return status === 204 || status === 304;
}
