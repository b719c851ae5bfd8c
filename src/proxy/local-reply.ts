/** Answers that the proxy gives itself: failures, refusals and direct responses. */

import type { DataPath } from './data-path.ts';
import type { HeaderEdits } from './header-edits.ts';

/** Writes an answer of our own into the outbox. */
export function writeLocalReply(
  path: DataPath,
  reply: { status: number; body: string; closes: boolean; isHead: boolean; edits?: HeaderEdits | undefined },
): void {
  const { status, closes, isHead, edits } = reply;
  const body = Buffer.from(reply.body, 'utf8');
  const allowsBody = status !== 204 && status !== 304;
  let head = `HTTP/1.1 ${status} ${STATUS_TEXT[status] ?? 'Unknown'}\r\n`;
  if (allowsBody) head += `content-length: ${body.length}\r\n`;
  if (body.length > 0 && allowsBody && !/^content-type: /m.test(edits?.lines ?? ''))
    head += 'content-type: text/plain\r\n';
  head += `date: ${new Date(path.clock.now()).toUTCString()}\r\nserver: istio-envoy\r\n`;
  if (closes) head += 'connection: close\r\n';
  path.outbox.text(`${head}${edits?.lines ?? ''}\r\n`);
  if (allowsBody && !isHead) path.outbox.bytes(body, 0, body.length);
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  418: "I'm a Teapot",
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};
