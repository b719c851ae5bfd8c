/**
 * The listening sockets of a worker, several for each port (SO_REUSEPORT): the event loop accepts one connection per socket and
 * turn, so a single one would let new clients starve under load.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** Where ports cannot be shared there is one. */
export const LISTENERS_PER_PORT: number = process.platform === 'linux' ? 8 : 1;
const BACKLOG = 1_024;

export type Listeners = { port: number; close(): void };

/** Where to listen: on sockets that the parent has bound, or, with none, on own ones; port 0 is a free one. */
export type ListenAt = { host: string; port: number; sockets: readonly object[] };

/** @throws when the port cannot be bound */
export async function openListeners(
  { host, port, sockets }: ListenAt,
  onConnection: (socket: Socket) => void,
): Promise<Listeners> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  let bound = port;
  try {
    for (let index = 0; index < (sockets.length || LISTENERS_PER_PORT); index++) {
      const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, onConnection);
      servers.push(server);
      await listen(server, { host, port: bound }, sockets[index]);
      bound = (server.address() as AddressInfo).port;
      // Without descriptors a listener pauses by itself; accepting goes on when connections have closed.
      server.on('error', () => {});
    }
  } catch (thrown) {
    close();
    throw thrown;
  }
  return { port: bound, close };
}

function listen(server: Server, at: { host: string; port: number }, socket: object | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onListening = () => {
      server.off('error', reject);
      resolve();
    };
    server.once('error', reject);
    if (socket !== undefined) server.listen(socket, BACKLOG, onListening);
    else server.listen({ ...at, backlog: BACKLOG, reusePort: LISTENERS_PER_PORT > 1 }, onListening);
  });
}
