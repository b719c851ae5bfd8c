/** The head of a response, parsed as strictly as a request: what an upstream gets wrong becomes a 502, never a guess. */

import { SPACE, TOKEN_LOWER, VALUE } from './byte-classes.ts';
import { endOfLine, FieldList, INCOMPLETE } from './field-list.ts';
import { CHUNKED, elementsOf, judgeTransferEncoding, parseContentLength, UNFRAMED } from './framing.ts';
import { DROPPED, markNamed } from './replaced-fields.ts';
import type { HeadLimits } from './request-head.ts';
import { TextMemo } from './text-memo.ts';

/** -502 stands for every fault of a response head. */
const FAULT = -502;

export class ResponseHead {
  readonly fields: FieldList;
  status = 0;
  reason = '';
  /** Length of the body in bytes by the fields alone, CHUNKED, or UNFRAMED. */
  bodyLength: number = UNFRAMED;
  wantsClose = false;
  /** Seconds after which the upstream closes an idle connection, if it says so (`Keep-Alive: timeout=5`). */
  keepAliveSeconds: number | undefined;
  /** Where the status line begins in the bytes of the fields. */
  lineStart = 0;
  /** Whether the status line can be sent on as it came. */
  isPlain = false;
  /** Whether Content-Length can. */
  keepsLength = false;
  readonly #limits: HeadLimits;
  #version = 11;
  readonly #reasons = new TextMemo();

  constructor(limits: HeadLimits) {
    this.#limits = limits;
    this.fields = new FieldList(limits.fields);
  }

  /** @returns the position behind the head, `INCOMPLETE`, or -502 */
  parse(bytes: Buffer, start: number, end: number): number {
    const fieldsStart = this.#parseStatusLine(bytes, start, end);
    const headEnd = fieldsStart < 0 ? fieldsStart : this.fields.scan(bytes, fieldsStart, end);
    if (headEnd === INCOMPLETE) return end - start > this.#limits.headBytes ? FAULT : INCOMPLETE;
    return headEnd < 0 || headEnd - start > this.#limits.headBytes || !this.#classify() ? FAULT : headEnd;
  }

  #parseStatusLine(bytes: Buffer, start: number, end: number): number {
    const length = Math.min(end - start, 13);
    for (let at = 0; at < length; at++) if (!statusLineAllows(bytes[start + at] as number, at)) return FAULT;
    if (length < 13) return INCOMPLETE;
    this.lineStart = start;
    this.#version = bytes[start + 7] === 0x31 ? 11 : 10;
    this.isPlain = this.#version === 11 && bytes[start + 12] === SPACE;
    this.status = digit(bytes, start + 9) * 100 + digit(bytes, start + 10) * 10 + digit(bytes, start + 11);
    if (this.status < 100 || this.status > 599) return FAULT;
    let at = start + 12;
    const reasonStart = at + 1;
    while (at < end && VALUE[bytes[at] as number] === 1) at++;
    if (at >= end) return INCOMPLETE;
    const next = endOfLine(bytes, at, end);
    if (next > 0) this.reason = at > reasonStart ? this.#reasons.read(bytes, reasonStart, at) : '';
    return next;
  }

  #classify(): boolean {
    const { fields } = this;
    let lengths = 0;
    let lengthAt = -1;
    let encodings = 0;
    let length = '';
    let encoding = '';
    let connection = '';
    this.keepAliveSeconds = undefined;
    this.wantsClose = this.#version === 10;
    for (let index = 0; index < fields.count; index++) {
      const nameLength = fields.nameEnd(index) - fields.nameStart(index);
      if (nameLength === 14 && fields.isNamed(index, 'content-length')) {
        lengths++;
        lengthAt = index;
        length = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 17 && fields.isNamed(index, 'transfer-encoding')) {
        encodings++;
        encoding = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 10 && fields.isNamed(index, 'connection')) {
        connection = connection === '' ? fields.value(index) : `${connection},${fields.value(index)}`;
        fields.setMark(index, DROPPED);
      } else if (nameLength === 10 && fields.isNamed(index, 'keep-alive')) {
        const seconds = /timeout=(\d{1,6})/i.exec(fields.value(index))?.[1];
        if (seconds !== undefined) this.keepAliveSeconds = Number(seconds);
        fields.setMark(index, DROPPED);
      } else if (
        (nameLength === 16 && fields.isNamed(index, 'proxy-connection')) ||
        (nameLength === 7 && (fields.isNamed(index, 'upgrade') || fields.isNamed(index, 'trailer'))) ||
        (nameLength === 29 && fields.isNamed(index, 'x-envoy-upstream-service-time'))
      ) {
        fields.setMark(index, DROPPED);
      }
    }
    if (connection !== '' && (connection !== 'keep-alive' || this.#version === 10)) this.#applyConnection(connection);
    if (!this.#frame(lengths, length, encodings, encoding)) return false;
    // Answers without a body say in it what there would be, if they may at all.
    this.keepsLength = this.bodyLength >= 0 && this.status >= 200 && this.status !== 204 && isUsual(fields, lengthAt);
    if (this.keepsLength) fields.setMark(lengthAt, 0);
    return true;
  }

  #applyConnection(connection: string): void {
    const options = new Set(elementsOf(connection));
    if (options.has('keep-alive') && this.#version === 10) this.wantsClose = false;
    if (options.has('close')) this.wantsClose = true;
    markNamed(this.fields, options, DROPPED);
  }

  #frame(lengths: number, length: string, encodings: number, encoding: string): boolean {
    this.bodyLength = UNFRAMED;
    if (encodings > 0) {
      if (encodings > 1 || lengths > 0 || this.#version === 10) return false;
      if (judgeTransferEncoding(encoding) !== 'chunked') return false;
      this.bodyLength = CHUNKED;
    } else if (lengths > 0) {
      const parsed = lengths === 1 ? parseContentLength(length) : undefined;
      if (parsed === undefined) return false;
      this.bodyLength = parsed;
    }
    return true;
  }
}

/** Whether a length is written as we would write it: no zeros in front, no blanks more than usual. */
function isUsual(fields: FieldList, lengthAt: number): boolean {
  const start = fields.valueStart(lengthAt);
  return fields.isTidy(lengthAt) && (fields.bytes[start] !== ZERO || fields.valueEnd(lengthAt) === start + 1);
}

const ZERO = 0x30;
const STATUS_LINE = 'HTTP/1.';

// `HTTP/1.1 200 ` or, without a reason phrase, `HTTP/1.1 200` and CR.
function statusLineAllows(code: number, at: number): boolean {
  if (at < 7) return code === STATUS_LINE.charCodeAt(at);
  if (at === 7) return code === 0x31 || code === 0x30;
  if (at === 8) return code === 0x20;
  if (at < 12) return code >= 0x30 && code <= 0x39;
  return code === 0x20 || code === 0x0d;
}

function digit(bytes: Buffer, at: number): number {
  return (bytes[at] as number) - 0x30;
}

/** Whether a text may be sent as a field name: it is a `token`. */
export function isToken(name: string): boolean {
  for (let at = 0; at < name.length; at++) if ((TOKEN_LOWER[name.charCodeAt(at)] ?? 0) === 0) return false;
  return name !== '';
}
