/** Heads as they are sent on: the kept fields are copied in runs, ours stand behind them. */

import type { FieldList } from './h1/field-list.ts';
import { CHUNKED } from './h1/framing.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { HeaderEdits } from './header-edits.ts';
import type { Outbox } from './outbox.ts';
import type { ResponseFraming } from './upstream/response-framing.ts';
import type { ProxyRole } from './worker-messages.ts';

const BEFORE_HOST = Buffer.from(' HTTP/1.1\r\nhost: ');
const FORWARDED_PROTO_HTTP = Buffer.from('x-forwarded-proto: http\r\n');
const BEFORE_REQUEST_ID = Buffer.from('x-request-id: ');

export type RequestFacts = {
  origin: Origin;
  /** Of whoever asks, who may stand behind proxies that are trusted. */
  clientAddress: string;
  edits: HeaderEdits | undefined;
  /** Path and Host as they go upstream; absent: as received. */
  path: string | undefined;
  authority: string | undefined;
  /** Whether the service is told which Host was received. */
  tellsOriginalHost: boolean;
  /** What the service is told about the time that it has. */
  timeoutLine: Uint8Array | undefined;
};

/** Whom requests of a connection come from. */
export type Origin = {
  role: ProxyRole;
  remoteAddress: string;
  /** What is said about it in requests that say nothing themselves. */
  lines: Uint8Array;
};

/** Writes the head of a request without its last line, which counts the tries (`attemptLine`). */
export function composeRequestHead(out: Outbox, head: RequestHead, facts: RequestFacts): void {
  const { edits } = facts;
  if (head.isPlain && facts.path === undefined && facts.authority === undefined) {
    copyFields(out, head.fields, { from: head.lineStart, first: 1 }, edits);
  } else {
    out.text(head.method);
    out.text(' ');
    out.text(facts.path ?? head.path);
    out.constant(BEFORE_HOST);
    out.text(facts.authority ?? head.authority);
    out.endLine();
    copyFields(out, head.fields, { from: head.fields.start, first: 0 }, edits);
  }
  if (head.bodyLength !== 0 || head.method !== 'GET') out.text(framingLine(head));
  writeOrigin(out, head, facts);
  if (!edits?.removed.has('x-request-id')) writeRequestId(out, head);
  if (head.wantsWebSocket) out.text('connection: upgrade\r\nupgrade: websocket\r\n');
  if (head.expectsContinue) out.text('expect: 100-continue\r\n');
  if (facts.timeoutLine !== undefined) out.constant(facts.timeoutLine);
  if (facts.path !== undefined) writeLine(out, 'x-envoy-original-path: ', head.path);
  if (facts.tellsOriginalHost) writeLine(out, 'x-envoy-original-host: ', head.authority);
  if (edits !== undefined) out.text(edits.lines);
}

function writeOrigin(out: Outbox, head: RequestHead, facts: RequestFacts): void {
  const { edits, origin } = facts;
  if (edits === undefined && head.forwardedFor === undefined && head.forwardedProto === undefined) {
    out.constant(origin.lines);
    return;
  }
  if (!edits?.removed.has('x-forwarded-for')) writeForwardedFor(out, head.forwardedFor, facts);
  if (edits?.removed.has('x-forwarded-proto')) return;
  if (head.forwardedProto === undefined) out.constant(FORWARDED_PROTO_HTTP);
  else writeLine(out, 'x-forwarded-proto: ', head.forwardedProto);
}

export function originOf(role: ProxyRole, remoteAddress: string): Origin {
  if (role === 'sidecar') return { role, remoteAddress, lines: FORWARDED_PROTO_HTTP };
  const lines = `x-forwarded-for: ${remoteAddress}\r\nx-envoy-external-address: ${remoteAddress}\r\n`;
  return { role, remoteAddress, lines: Buffer.concat([Buffer.from(lines), FORWARDED_PROTO_HTTP]) };
}

// Only a gateway adds whom it got the request from, and says who came from outside; beside a caller that would be the caller.
function writeForwardedFor(
  out: Outbox,
  forwardedFor: string | undefined,
  { origin, clientAddress }: RequestFacts,
): void {
  const { role, remoteAddress } = origin;
  if (role === 'sidecar') {
    if (forwardedFor !== undefined) writeLine(out, 'x-forwarded-for: ', forwardedFor);
    return;
  }
  writeLine(out, 'x-forwarded-for: ', forwardedFor === undefined ? remoteAddress : `${forwardedFor},${remoteAddress}`);
  writeLine(out, 'x-envoy-external-address: ', clientAddress);
}

function writeRequestId(out: Outbox, head: RequestHead): void {
  out.constant(BEFORE_REQUEST_ID);
  if (head.generatedId === undefined) out.text(head.requestId ?? '');
  else out.constant(head.generatedId.bytes);
  out.endLine();
}

// In pieces, because joining strings only to copy them once costs more than the copy.
function writeLine(out: Outbox, name: string, value: string): void {
  out.text(name);
  out.text(value);
  out.endLine();
}

const FIRST_ATTEMPT = Buffer.from('x-envoy-attempt-count: 1\r\n\r\n');

const NO_LINE = Buffer.from('\r\n');

/** The end of a request head for try number `attempt`, 1 for the first; a rule may have removed or set the number. */
export function attemptLine(attempt: number, edits: HeaderEdits | undefined): Uint8Array {
  if (edits?.removed.has('x-envoy-attempt-count') === true) return NO_LINE;
  return attempt === 1 ? FIRST_ATTEMPT : Buffer.from(`x-envoy-attempt-count: ${attempt}\r\n\r\n`);
}

/** The end of the head of a mirrored copy (envoy-facts: Mirror). */
export const MIRROR_LINE = 'x-envoy-internal: true\r\nx-envoy-attempt-count: 1\r\n\r\n';

export type ResponseFacts = {
  edits: HeaderEdits | undefined;
  framing: ResponseFraming;
  closes: boolean;
  serviceTimeMs: number;
};

/** Writes the head of a response; a body that ends with the connection becomes a chunked one. */
export function composeResponseHead(out: Outbox, head: ResponseHead, facts: ResponseFacts): void {
  const { edits, framing } = facts;
  if (head.isPlain) copyFields(out, head.fields, { from: head.lineStart, first: 0 }, edits);
  else {
    out.text(`HTTP/1.1 ${head.status} ${head.reason}\r\n`);
    copyFields(out, head.fields, { from: head.fields.start, first: 0 }, edits);
  }
  out.constant(serviceTimeLine(Math.round(facts.serviceTimeMs)));
  if (framing === 'tunnel') out.text('connection: upgrade\r\nupgrade: websocket\r\n');
  else {
    if (framing === 'untilClose' || (head.bodyLength === CHUNKED && head.status !== 204)) {
      out.text('transfer-encoding: chunked\r\n');
    } else if (head.bodyLength >= 0 && head.status !== 204 && !isLengthKept(head, edits)) {
      writeLine(out, 'content-length: ', String(head.bodyLength));
    }
    if (facts.closes) out.text('connection: close\r\n');
  }
  if (edits !== undefined) out.text(edits.lines);
  out.endLine();
}

// No operation may change how a message is framed.
function isLengthKept({ keepsLength }: ResponseHead, edits: HeaderEdits | undefined): boolean {
  return keepsLength && !edits?.removed.has('content-length');
}

/** By milliseconds: nearly all answers come within a second. */
const serviceTimeLines: (Uint8Array | undefined)[] = new Array(1_024).fill(undefined);

function serviceTimeLine(ms: number): Uint8Array {
  const known = serviceTimeLines[ms];
  if (known !== undefined) return known;
  const line = Buffer.from(`x-envoy-upstream-service-time: ${ms}\r\n`);
  if (ms < serviceTimeLines.length) serviceTimeLines[ms] = line;
  return line;
}

function framingLine({ bodyLength, method }: RequestHead): string {
  if (bodyLength === CHUNKED) return 'transfer-encoding: chunked\r\n';
  const saysNothing = bodyLength === 0 && method !== 'POST' && method !== 'PUT' && method !== 'PATCH';
  return saysNothing ? '' : `content-length: ${bodyLength}\r\n`;
}

/** Copies the bytes from `from` on, but for those fields from `first` on that are not sent on. */
function copyFields(
  out: Outbox,
  fields: FieldList,
  { from, first }: { from: number; first: number },
  edits: HeaderEdits | undefined,
): void {
  let runStart = from;
  for (let index = first; index < fields.count; index++) {
    if (fields.mark(index) === 0 && !edits?.removed.has(fields.name(index))) continue;
    const lineStart = fields.nameStart(index);
    if (runStart < lineStart) out.bytes(fields.bytes, runStart, lineStart);
    runStart = fields.nextLine(index);
  }
  if (runStart < fields.end) out.bytes(fields.bytes, runStart, fields.end);
}
