/** `node-http-server.ts PORT PRIMARY CANARY`: a proxy of a few lines, with the same routing and the same added fields as the others. */

import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { HOST } from './contender.ts';

const [port, primaryPort, canaryPort] = process.argv.slice(2).map(Number);
const options = { connections: 256, pipelining: 1, headersTimeout: 15_000 };
const primary = new Pool(`http://127.0.0.1:${primaryPort}`, options);
const canary = new Pool(`http://127.0.0.1:${canaryPort}`, options);

createServer({ keepAliveTimeout: 3_600_000 }, (request, response) => {
  const { connection: _, ...headers } = request.headers;
  if (headers.host !== HOST) return void response.writeHead(404).end();
  const isCanary = headers['user-type'] === 'internal' || Math.random() < 0.1;
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  headers['x-request-id'] ??= randomUUID();
  headers['x-forwarded-for'] = request.socket.remoteAddress;
  headers['x-forwarded-proto'] = 'http';
  (isCanary ? canary : primary).dispatch(
    {
      path: request.url ?? '/',
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: hasBody ? request : null,
    },
    answerTo(response),
  );
}).listen(port, '127.0.0.1', 4_096);

function answerTo(response: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart: () => {},
    onResponseStart(_, status, headers) {
      const { connection: _hop, 'keep-alive': _time, ...kept } = headers;
      response.writeHead(status, kept);
    },
    onResponseData: (_, chunk) => void response.write(chunk),
    onResponseEnd: () => void response.end(),
    onResponseError: () => void response.destroy(),
  };
}
