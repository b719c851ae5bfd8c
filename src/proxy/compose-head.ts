/** Heads as they are sent on: the kept fields are copied in runs, ours stand behind them. */

import type { FieldList } from './h1/field-list.ts';
import { CHUNKED } from './h1/framing.ts';
import type { RequestHead } from './h1/request-head.ts';
import type { ResponseHead } from './h1/response-head.ts';
import type { HeaderEdits } from './header-edits.ts';
import type { Outbox } from './outbox.ts';
import type { ResponseFraming } from './upstream/upstream-connection.ts';
import type { ProxyRole } from './worker-messages.ts';

export type RequestFacts = {
  remoteAddress: string;
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
  out.text(`${head.method} ${facts.path ?? head.path} HTTP/1.1\r\nhost: ${facts.authority ?? head.authority}\r\n`);
  copyFields(out, head.fields, edits);
  let own = framingLine(head);
  if (!edits?.removed.has('x-forwarded-for')) own += forwardedForLine(head, facts);
  if (!edits?.removed.has('x-forwarded-proto')) own += `x-forwarded-proto: ${head.forwardedProto ?? 'http'}\r\n`;
  if (!edits?.removed.has('x-request-id')) own += `x-request-id: ${facts.requestId}\r\n`;
  if (head.wantsWebSocket) own += 'connection: upgrade\r\nupgrade: websocket\r\n';
  if (head.expectsContinue) own += 'expect: 100-continue\r\n';
  if (facts.timeoutMs !== undefined) own += `x-envoy-expected-rq-timeout-ms: ${Math.round(facts.timeoutMs)}\r\n`;
  if (facts.path !== undefined) own += `x-envoy-original-path: ${head.path}\r\n`;
  if (facts.tellsOriginalHost) own += `x-envoy-original-host: ${head.authority}\r\n`;
  if (edits !== undefined) own += edits.lines;
  out.text(own);
}

// Only a gateway adds whom it got the request from; beside a caller that would be the caller itself.
function forwardedForLine({ forwardedFor }: RequestHead, { role, remoteAddress }: RequestFacts): string {
  if (role === 'gateway') {
    return `x-forwarded-for: ${forwardedFor === undefined ? '' : `${forwardedFor}, `}${remoteAddress}\r\n`;
  }
  return forwardedFor === undefined ? '' : `x-forwarded-for: ${forwardedFor}\r\n`;
}

/** The end of a request head for try number `attempt`, 1 for the first. */
export function attemptLine(attempt: number): string {
  return `x-envoy-attempt-count: ${attempt}\r\n\r\n`;
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
  out.text(`HTTP/1.1 ${head.status} ${head.reason}\r\n`);
  copyFields(out, head.fields, facts.edits);
  let own = `server: istio-envoy\r\nx-envoy-upstream-service-time: ${Math.round(facts.serviceTimeMs)}\r\n`;
  if (facts.framing === 'tunnel') own += 'connection: upgrade\r\nupgrade: websocket\r\n';
  else {
    if (facts.framing === 'untilClose' || (head.bodyLength === CHUNKED && head.status !== 204)) {
      own += 'transfer-encoding: chunked\r\n';
    } else if (head.bodyLength >= 0 && head.status !== 204) own += `content-length: ${head.bodyLength}\r\n`;
    if (facts.closes) own += 'connection: close\r\n';
  }
  if (facts.edits !== undefined) own += facts.edits.lines;
  out.text(`${own}\r\n`);
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
