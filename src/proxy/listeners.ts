/**
 * The listening sockets of a worker. Several per worker share the port (SO_REUSEPORT): the event loop accepts one connection
 * per listener and turn, so a single one would let new clients starve under load.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const LISTENERS = 8;
const BACKLOG = 1_024;

export type Listeners = { port: number; close(): void };

/** @param port 0 for a free one @throws when the port cannot be bound */
export async function openListeners(
  { host, port }: { host: string; port: number },
  onConnection: (socket: Socket) => void,
): Promise<Listeners> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  let bound = port;
  try {
    for (let index = 0; index < LISTENERS; index++) {
      const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, onConnection);
      servers.push(server);
      await listen(server, host, bound);
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG, reusePort: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
