/** Services of a load run: each answers with the marks of the request, tells the ledger, and can be killed and started again. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Ledger } from './ledger.ts';
import { isMarkedBy, markedBody } from './marks.ts';

const ANSWER_BYTES_MOST = 8_192;

export type LoadService = {
  name: string;
  port: number;
  /** Cuts all connections and stops listening. */
  kill(): Promise<void>;
  /** Takes no new connections and waits until those there are have ended. */
  drain(): Promise<void>;
  /** Listens again, on the same port. */
  revive(): Promise<void>;
};

/** @param isMirror whether it is told of copies only */
export async function startLoadService(name: string, ledger: Ledger, isMirror = false): Promise<LoadService> {
  let server = await listen(0, name, ledger, isMirror);
  const { port } = server.address() as AddressInfo;
  return {
    name,
    port,
    async kill() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    drain: () => new Promise((resolve) => server.close(() => resolve())),
    async revive() {
      server = await listen(port, name, ledger, isMirror);
    },
  };
}

async function listen(port: number, name: string, ledger: Ledger, isMirror: boolean): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void serve(request, response, { name, ledger, isMirror });
  });
  server.on('clientError', (error, socket) => {
    // A connection that the proxy gave up in the middle of a request is no fault of the bytes.
    if ((error as NodeJS.ErrnoException).code?.startsWith('HPE_') && !/EOF/.test(error.message)) {
      ledger.complain(`${name} cannot read a request: ${error.message}`);
    }
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 1_024 }, resolve);
  });
  return server;
}

type Service = { name: string; ledger: Ledger; isMirror: boolean };

async function serve(request: IncomingMessage, response: ServerResponse, { name, ledger, isMirror }: Service) {
  const id = Number(/^\/load\/(\d+)$/.exec(request.url ?? '')?.[1]);
  const body = await text(request).catch(() => undefined);
  if (body === undefined) return;
  if (String(id) !== request.headers['x-load-id']) ledger.complain(`${name} got ${request.url} with another id`);
  if (!isMarkedBy(body, id)) ledger.complain(`${name} got a damaged body with request ${id}`);
  if (isMirror) ledger.mirrored(id);
  else ledger.served(id, name);
  const answer = markedBody(id, (id * 7_919) % ANSWER_BYTES_MOST);
  response.setHeader('x-load-id', String(id));
  response.setHeader('x-load-service', name);
  if (id % 5 === 0) response.write(answer.slice(0, 100));
  else response.setHeader('content-length', answer.length);
  response.end(id % 5 === 0 ? answer.slice(100) : answer);
}
