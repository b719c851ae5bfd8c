/**
 * The head of a request: strictly parsed, classified, and readable by the route matcher. One object per worker is filled anew
 * for every request; whoever needs something later copies it.
 */

import type { PathNormalization } from '../../mesh/table/request-reading.ts';
import { CR, LF } from './byte-classes.ts';
import { FieldList, INCOMPLETE } from './field-list.ts';
import { CHUNKED, elementsOf, judgeTransferEncoding, parseContentLength } from './framing.ts';
import { METHODS } from './methods.ts';
import { normalisePath } from './path-normalization.ts';
import { DROPPED, type HeadTrust, HOP, markNamed, markOfReplaced, NO_TRUST } from './replaced-fields.ts';
import { RequestLine } from './request-line.ts';
import { isAuthority, needsNormalising } from './target.ts';

/** An id that need not become a string unless somebody reads it. */
export type GeneratedId = {
  readonly text: string;
  /** As it is written; good until the next one is made. */
  readonly bytes: Uint8Array;
};

export type HeadLimits = {
  /** Bytes of a head at most; beyond, 414 when the request line alone is longer, else 431. */
  headBytes: number;
  /** Fields of a head at most; 431 beyond. */
  fields: number;
};

export type HeadReading = {
  /** Nothing is believed unless told otherwise. */
  trust?: HeadTrust;
  paths?: PathNormalization;
};

export class RequestHead {
  readonly fields: FieldList;
  /** `https` when an absolute target says so, or a forwarded one whom we trust. */
  scheme = 'http';
  method = '';
  path = '';
  authority = '';
  /** Length of the body in bytes (0: none), or CHUNKED. */
  bodyLength = 0;
  expectsContinue = false;
  wantsClose = false;
  wantsWebSocket = false;
  forwardedFor: string | undefined;
  /** The caller's x-forwarded-proto; kept only where it is trusted. */
  forwardedProto: string | undefined;
  /** Made for a request that brought none; `requestId` is its text then. */
  generatedId: GeneratedId | undefined;
  maxForwards: string | undefined;
  /** Why the request is refused although everything else in it could be read; the names are Envoy's. */
  refusedFor: 'path_normalization_failed' | 'absolute_path_rejected' | 'missing_host_header' | undefined;
  /** Whether request line and Host can be sent on as they came: Host is the first field, and nothing had to be changed. */
  isPlain = false;
  readonly #limits: HeadLimits;
  readonly #trust: HeadTrust;
  readonly #paths: PathNormalization;
  #requestId: string | undefined;
  readonly #line = new RequestLine();
  /** The last Host that was found good. */
  #goodHost: string | undefined;

  constructor(limits: HeadLimits, { trust = NO_TRUST, paths = 'BASE' }: HeadReading = {}) {
    this.#limits = limits;
    this.#trust = trust;
    this.#paths = paths;
    this.fields = new FieldList(limits.fields);
  }

  /** Where the request line begins in the bytes of the fields. */
  get lineStart(): number {
    return this.#line.start;
  }

  /** The caller's, or the one that was made for the request. */
  get requestId(): string | undefined {
    return this.#requestId ?? this.generatedId?.text;
  }

  /** The request gets an id of ours. */
  bearGenerated(id: GeneratedId): void {
    this.#requestId = undefined;
    this.generatedId = id;
  }

  set requestId(text: string | undefined) {
    this.#requestId = text;
    this.generatedId = undefined;
  }

  /** Also what the proxy says in the caller's place: conditions see it as the service will (observed with Envoy 1.40). */
  header(name: string): string | undefined {
    if (name === 'x-forwarded-proto') return this.forwardedProto ?? 'http';
    if (name === 'x-request-id') return this.requestId;
    const { fields } = this;
    for (let index = 0; index < fields.count; index++) {
      if (fields.isNamed(index, name) && fields.mark(index) !== HOP) return fields.value(index);
    }
    return undefined;
  }

  headerValues(name: string): string[] {
    const first = this.header(name);
    if (first === undefined) return [];
    return name === 'x-forwarded-proto' || name === 'x-request-id' ? [first] : this.fields.all(name);
  }

  /** @returns the position behind the head, `INCOMPLETE`, or minus the status to refuse with */
  parse(bytes: Buffer, start: number, end: number): number {
    this.refusedFor = undefined;
    const headEnd = this.#parseWhole(bytes, start, end);
    const length = headEnd === INCOMPLETE ? end - start : headEnd - start;
    if (length <= this.#limits.headBytes || (headEnd !== INCOMPLETE && headEnd < 0)) return headEnd;
    // RFC 9110 §15.5.15: 414 when the request line alone is too long.
    return bytes.subarray(start, start + this.#limits.headBytes).includes(CR) ? -431 : -414;
  }

  #parseWhole(bytes: Buffer, start: number, end: number): number {
    // One empty line before a request is forgiven (RFC 9112 §2.2).
    let at = start;
    if (bytes[at] === CR) {
      if (at + 1 >= end) return INCOMPLETE;
      if (bytes[at + 1] !== LF) return -400;
      at += 2;
    }
    const fieldsStart = this.#line.parse(bytes, at, end);
    if (fieldsStart < 0) return fieldsStart;
    const headEnd = this.fields.scan(bytes, fieldsStart, end);
    if (headEnd < 0) return headEnd;
    const refusal = this.#classify();
    return refusal === 0 ? headEnd : -refusal;
  }

  #classify(): number {
    this.#reset();
    const { fields } = this;
    let host: string | undefined;
    let hosts = 0;
    let lengths = 0;
    let encodings = 0;
    let expects = 0;
    let length = '';
    let encoding = '';
    let connection = '';
    let upgrade = '';
    for (let index = 0; index < fields.count; index++) {
      const nameLength = fields.nameEnd(index) - fields.nameStart(index);
      if (nameLength === 4 && fields.isNamed(index, 'host')) {
        hosts++;
        host = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 14 && fields.isNamed(index, 'content-length')) {
        lengths++;
        length = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 17 && fields.isNamed(index, 'transfer-encoding')) {
        encodings++;
        encoding = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 10 && fields.isNamed(index, 'connection')) {
        connection = connection === '' ? fields.value(index) : `${connection},${fields.value(index)}`;
        fields.setMark(index, HOP);
      } else if (nameLength === 6 && fields.isNamed(index, 'expect')) {
        expects++;
        if (fields.value(index).toLowerCase() !== '100-continue') return 417;
        fields.setMark(index, DROPPED);
      } else if (nameLength === 7 && fields.isNamed(index, 'upgrade')) {
        upgrade = fields.value(index);
        fields.setMark(index, HOP);
      } else if (nameLength === 15 && fields.isNamed(index, 'x-forwarded-for')) {
        const value = fields.value(index);
        this.forwardedFor = this.forwardedFor === undefined ? value : `${this.forwardedFor},${value}`;
        fields.setMark(index, DROPPED);
      } else if (nameLength === 12 && fields.isNamed(index, 'x-request-id')) {
        this.#requestId ??= fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 17 && fields.isNamed(index, 'x-forwarded-proto')) {
        if (this.#trust.forwarded) this.forwardedProto = fields.value(index);
        fields.setMark(index, DROPPED);
      } else if (nameLength === 12 && fields.isNamed(index, 'max-forwards')) {
        this.maxForwards = fields.value(index);
      } else fields.setMark(index, markOfReplaced(fields, index, this.#trust));
    }
    this.isPlain = fields.count > 0 && fields.isNamed(0, 'host') && fields.isTidy(0);
    if (hosts === 0) return this.#refuse('missing_host_header', 400);
    if (hosts !== 1 || host === undefined || (host !== this.#goodHost && !isAuthority(host))) return 400;
    this.#goodHost = host;
    this.authority = host;
    if (connection !== '' && connection !== 'keep-alive') {
      const refusal = this.#applyConnection(connection, upgrade);
      if (refusal !== 0) return refusal;
    }
    if (expects > 1) return 400;
    const refusal = this.#frame(lengths, length, encodings, encoding);
    if (refusal !== 0) return refusal;
    this.expectsContinue = expects === 1 && this.bodyLength !== 0;
    return this.#judgeRequest();
  }

  #refuse(reason: NonNullable<RequestHead['refusedFor']>, status: number): number {
    this.refusedFor = reason;
    return status;
  }

  #reset(): void {
    this.method = this.#line.method;
    this.path = this.#line.target;
    this.authority = '';
    this.bodyLength = 0;
    this.expectsContinue = false;
    this.wantsClose = false;
    this.wantsWebSocket = false;
    this.scheme = 'http';
    this.forwardedFor = undefined;
    this.forwardedProto = undefined;
    this.requestId = undefined;
    this.maxForwards = undefined;
  }

  /** Connection names fields for this hop only (RFC 9110 §7.6.1); naming what frames or routes the message is an attack. */
  #applyConnection(connection: string, upgrade: string): number {
    const options = new Set(elementsOf(connection));
    if (options.has('content-length') || options.has('host')) return 400;
    if (options.has('close')) this.wantsClose = true;
    if (options.has('upgrade')) this.wantsWebSocket = upgrade.toLowerCase() === 'websocket';
    if (options.has('x-forwarded-for')) this.forwardedFor = undefined;
    if (options.has('x-request-id')) this.requestId = undefined;
    markNamed(this.fields, options, HOP);
    return 0;
  }

  // RFC 9112 §6.1 and §6.3: both fields, repeated ones, or a coding on HTTP/1.0 are refused, never guessed.
  #frame(lengths: number, length: string, encodings: number, encoding: string): number {
    if (encodings > 0) {
      if (encodings > 1 || lengths > 0 || this.#line.version === 10) return 400;
      const judged = judgeTransferEncoding(encoding);
      if (judged !== 'chunked') return judged === 'unsupported' ? 501 : 400;
      this.bodyLength = CHUNKED;
    } else if (lengths > 0) {
      const parsed = lengths === 1 ? parseContentLength(length) : undefined;
      if (parsed === undefined) return 400;
      this.bodyLength = parsed;
    }
    return 0;
  }

  #judgeRequest(): number {
    if (this.method !== 'GET' && !METHODS.has(this.method)) return 400;
    // RFC 9110 §9.3.6: a server that makes no tunnels may refuse.
    if (this.method === 'CONNECT') return 405;
    if (this.wantsWebSocket && (this.method !== 'GET' || this.bodyLength !== 0)) this.wantsWebSocket = false;
    if (this.forwardedProto?.toLowerCase() === 'https') this.scheme = 'https';
    if (this.path.charCodeAt(0) !== 0x2f) {
      const refusal = this.#resolveAbsolute();
      if (refusal !== 0) return refusal;
    }
    if (this.#paths !== 'BASE' || (this.#line.isOdd && needsNormalising(this.path))) {
      const normal = normalisePath(this.path, this.#paths);
      if (normal === undefined) return this.#refuse('path_normalization_failed', 400);
      this.isPlain &&= normal === this.path;
      this.path = normal;
    }
    return this.#line.version === 10 ? 426 : 0;
  }

  /** The authority of an absolute target replaces Host (RFC 9112 §3.2.2); `*` belongs to OPTIONS, and is no path of any route. */
  #resolveAbsolute(): number {
    if (this.path === '*') return this.method === 'OPTIONS' ? this.#refuse('absolute_path_rejected', 404) : 400;
    const parts = /^(https?):\/\/([^/?]+)([/?].*)?$/i.exec(this.path);
    if (parts === null || !isAuthority(parts[2] as string)) return 400;
    this.isPlain = false;
    this.scheme = (parts[1] as string).toLowerCase();
    this.authority = parts[2] as string;
    const rest = parts[3] ?? '/';
    this.path = rest.startsWith('/') ? rest : `/${rest}`;
    return 0;
  }
}
