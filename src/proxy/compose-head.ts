/** Heads as they are sent on: the kept fields are copied in runs, ours stand behind them. */

import type { FieldList } from './h1/field-list.ts';
import { CHUNKED } from './h1/framing.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { HeaderEdits } from './header-edits.ts';
import type { Outbox } from './outbox.ts';
import type { ResponseFraming } from './upstream/upstream-connection.ts';
import type { ProxyRole } from './worker-messages.ts';

const BEFORE_HOST = Buffer.from(' HTTP/1.1\r\nhost: ');
const BEFORE_FORWARDED_FOR = Buffer.from('x-forwarded-for: ');
const FORWARDED_PROTO_HTTP = Buffer.from('x-forwarded-proto: http\r\n');
const BEFORE_REQUEST_ID = Buffer.from('x-request-id: ');
const BEFORE_SERVICE_TIME = Buffer.from('x-envoy-upstream-service-time: ');

export type RequestFacts = {
  /** Of whoever asks. */
  remoteAddress: string;
  /** Of who connected. */
  peerAddress: string;
  requestId: string;
  edits: HeaderEdits | undefined;
  /** Path and Host as they go upstream; absent: as received. */
  path: string | undefined;
  authority: string | undefined;
  /** Whether the service is told which Host was received. */
  tellsOriginalHost: boolean;
  timeoutMs: number | undefined;
  role: ProxyRole;
};

/** Writes the head of a request without its last line, which counts the tries (`attemptLine`). */
export function composeRequestHead(out: Outbox, head: RequestHead, facts: RequestFacts): void {
  const { edits } = facts;
  out.text(head.method);
  out.text(' ');
  out.text(facts.path ?? head.path);
  out.constant(BEFORE_HOST);
  out.text(facts.authority ?? head.authority);
  out.text('\r\n');
  copyFields(out, head.fields, edits);
  if (head.bodyLength !== 0 || head.method !== 'GET') out.text(framingLine(head));
  if (!edits?.removed.has('x-forwarded-for')) writeForwardedFor(out, head, facts);
  if (!edits?.removed.has('x-forwarded-proto')) {
    if (head.forwardedProto === undefined) out.constant(FORWARDED_PROTO_HTTP);
    else writeLine(out, 'x-forwarded-proto: ', head.forwardedProto);
  }
  if (!edits?.removed.has('x-request-id')) {
    out.constant(BEFORE_REQUEST_ID);
    out.text(facts.requestId);
    out.text('\r\n');
  }
  if (head.wantsWebSocket) out.text('connection: upgrade\r\nupgrade: websocket\r\n');
  if (head.expectsContinue) out.text('expect: 100-continue\r\n');
  if (facts.timeoutMs !== undefined) {
    writeLine(out, 'x-envoy-expected-rq-timeout-ms: ', String(Math.round(facts.timeoutMs)));
  }
  if (facts.path !== undefined) writeLine(out, 'x-envoy-original-path: ', head.path);
  if (facts.tellsOriginalHost) writeLine(out, 'x-envoy-original-host: ', head.authority);
  if (edits !== undefined) out.text(edits.lines);
}

// Only a gateway adds whom it got the request from, and says who came from outside; beside a caller that would be the caller.
function writeForwardedFor(
  out: Outbox,
  { forwardedFor }: RequestHead,
  { role, peerAddress, remoteAddress }: RequestFacts,
): void {
  if (role === 'sidecar') {
    if (forwardedFor !== undefined) writeLine(out, 'x-forwarded-for: ', forwardedFor);
    return;
  }
  out.constant(BEFORE_FORWARDED_FOR);
  if (forwardedFor !== undefined) {
    out.text(forwardedFor);
    out.text(',');
  }
  out.text(peerAddress);
  out.text('\r\n');
  writeLine(out, 'x-envoy-external-address: ', remoteAddress);
}

// In pieces, because joining strings only to copy them once costs more than the copy.
function writeLine(out: Outbox, name: string, value: string): void {
  out.text(name);
  out.text(value);
  out.text('\r\n');
}

const FIRST_ATTEMPT = 'x-envoy-attempt-count: 1\r\n\r\n';

/** The end of a request head for try number `attempt`, 1 for the first. */
export function attemptLine(attempt: number): string {
  return attempt === 1 ? FIRST_ATTEMPT : `x-envoy-attempt-count: ${attempt}\r\n\r\n`;
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
  out.constant(statusLine(head));
  copyFields(out, head.fields, facts.edits);
  out.constant(BEFORE_SERVICE_TIME);
  out.text(decimal(Math.round(facts.serviceTimeMs)));
  out.text('\r\n');
  if (facts.framing === 'tunnel') out.text('connection: upgrade\r\nupgrade: websocket\r\n');
  else {
    if (facts.framing === 'untilClose' || (head.bodyLength === CHUNKED && head.status !== 204)) {
      out.text('transfer-encoding: chunked\r\n');
    } else if (head.bodyLength >= 0 && head.status !== 204)
      writeLine(out, 'content-length: ', decimal(head.bodyLength));
    if (facts.closes) out.text('connection: close\r\n');
  }
  if (facts.edits !== undefined) out.text(facts.edits.lines);
  out.text('\r\n');
}

// Nearly all answers of a worker begin alike.
const statusLines = new Map<number, { reason: string; bytes: Uint8Array }>();

function statusLine({ status, reason }: ResponseHead): Uint8Array {
  let line = statusLines.get(status);
  if (line === undefined || line.reason !== reason) {
    line = { reason, bytes: Buffer.from(`HTTP/1.1 ${status} ${reason}\r\n`, 'latin1') };
    statusLines.set(status, line);
  }
  return line.bytes;
}

const DECIMALS: readonly string[] = Array.from({ length: 1_024 }, (_, value) => String(value));

function decimal(value: number): string {
  return DECIMALS[value] ?? String(value);
}

function framingLine({ bodyLength, method }: RequestHead): string {
  if (bodyLength === CHUNKED) return 'transfer-encoding: chunked\r\n';
  const saysNothing = bodyLength === 0 && method !== 'POST' && method !== 'PUT' && method !== 'PATCH';
  return saysNothing ? '' : `content-length: ${bodyLength}\r\n`;
}

function copyFields(out: Outbox, fields: FieldList, edits: HeaderEdits | undefined): void {
  let runStart = -1;
  let runEnd = -1;
  for (let index = 0; index < fields.count; index++) {
    const drops = fields.mark(index) !== 0 || edits?.removed.has(fields.name(index)) === true;
    if (drops) {
      if (runStart !== -1) copyRun(out, fields, runStart, runEnd);
      runStart = -1;
    } else {
      if (runStart === -1) runStart = fields.nameStart(index);
      runEnd = lineEnd(fields, index);
    }
  }
  if (runStart !== -1) copyRun(out, fields, runStart, runEnd);
}

// A line ends where the next field begins, or with the CR LF behind its value and trailing blanks.
function lineEnd(fields: FieldList, index: number): number {
  if (index + 1 < fields.count) return fields.nameStart(index + 1);
  return fields.bytes.indexOf(0x0a, fields.valueEnd(index)) + 1;
}

function copyRun(out: Outbox, fields: FieldList, start: number, end: number): void {
  out.bytes(fields.bytes, start, end);
}
