/** The HTTP side of the store: GET and POST forms in, Prometheus' JSON envelopes out. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { type ApiWorld, answerApi } from './prometheus-api.ts';
import { PromqlError } from './promql/promql-error.ts';

const FORM_BYTES_MAX = 1 << 20;
const API = '/api/v1/';

export function createApiServer(world: ApiWorld, logger: Logger): Server {
  return createServer((request, response) => {
    handle(request, response, world).catch((thrown: unknown) => {
      logger.error({ err: thrown }, 'a metrics request failed');
      if (!response.headersSent) sendError(response, { status: 500, errorType: 'internal', error: messageOf(thrown) });
      else response.destroy();
    });
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, world: ApiWorld): Promise<void> {
  const url = new URL(request.url?.startsWith('/') ? request.url : '/', 'http://store');
  if (url.pathname === '/-/healthy' || url.pathname === '/-/ready') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('Sluice metrics store is ready.\n');
    return;
  }
  if (!['GET', 'HEAD', 'POST'].includes(request.method ?? '')) {
    response.setHeader('allow', 'GET, HEAD, POST');
    sendError(response, { status: 405, errorType: 'bad_data', error: `method ${request.method} not allowed` });
    return;
  }
  const form = request.method === 'POST' ? await readForm(request) : '';
  if (form === undefined) {
    sendError(response, { status: 413, errorType: 'bad_data', error: `a form holds at most ${FORM_BYTES_MAX} bytes` });
    return;
  }
  for (const [name, value] of new URLSearchParams(form)) url.searchParams.append(name, value);
  sendAnswer(response, url, world);
}

function sendAnswer(response: ServerResponse, url: URL, world: ApiWorld): void {
  try {
    const path = url.pathname.startsWith(API) ? url.pathname.slice(API.length) : '';
    const data = answerApi(path, url.searchParams, world);
    if (data === undefined) {
      sendError(response, { status: 404, errorType: 'not_found', error: `the store has no ${url.pathname}` });
    } else {
      sendJson(response, 200, { status: 'success', data });
    }
  } catch (thrown) {
    if (!(thrown instanceof PromqlError)) throw thrown;
    const [status, errorType] =
      thrown.kind === 'badData' ? ([400, 'bad_data'] as const) : ([422, 'execution'] as const);
    sendError(response, { status, errorType, error: thrown.message });
  }
}

async function readForm(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Read to the end all the same: an answer before that could be lost with the connection.
    if (bytes <= FORM_BYTES_MAX) chunks.push(chunk);
    else if (bytes > 16 * FORM_BYTES_MAX) return undefined;
  }
  return bytes > FORM_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
}

function sendError(
  response: ServerResponse,
  { status, errorType, error }: { status: number; errorType: string; error: string },
): void {
  sendJson(response, status, { status: 'error', errorType, error });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
