/** An upstream that answers when the test says so: what has arrived waits, in order, and every connection is counted. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type HeldUpstream = {
  port: number;
  /** Connections that are open. */
  readonly open: number;
  /** Connections that ever were. */
  readonly connections: number;
  /** Requests that ever arrived. */
  readonly arrived: readonly string[];
  /** Resolves once `count` requests have arrived in all. */
  until(count: number): Promise<void>;
  /** Answers all that wait, and from now on at once. */
  release(status?: number): void;
  /** Answers the one that waits longest. */
  releaseOne(status?: number): void;
  /** Makes everybody wait again. */
  hold(): void;
  close(): Promise<void>;
};

export async function heldUpstream(): Promise<HeldUpstream> {
  const arrived: string[] = [];
  const waiting: ServerResponse[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let atOnce: number | undefined;
  let onArrived = (): void => {};
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    arrived.push(request.url ?? '');
    request.resume();
    if (atOnce === undefined) waiting.push(response);
    else answer(response, atOnce);
    onArrived();
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    arrived,
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    until: (count) =>
      new Promise((resolve) => {
        onArrived = () => void (arrived.length >= count && resolve());
        onArrived();
      }),
    release(status = 200) {
      atOnce = status;
      for (const response of waiting.splice(0)) answer(response, status);
    },
    releaseOne(status = 200) {
      const [response] = waiting.splice(0, 1);
      if (response !== undefined) answer(response, status);
    },
    hold() {
      atOnce = undefined;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 2 }).end('up');
}
