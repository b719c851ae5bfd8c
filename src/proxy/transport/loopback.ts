/** Two ends of a connection within this process, on which Node can be watched and tried out. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type Loopback = {
  /** The accepted end, which does not read yet. */
  accepted: Socket;
  /** The end that connected, paused. */
  connected: Socket;
  close(): void;
};

/** @throws when the loopback interface cannot be used */
export async function openLoopback(): Promise<Loopback> {
  const server = await listening();
  const arrival = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const connected = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  await new Promise<void>((resolve, reject) => connected.once('connect', resolve).once('error', reject));
  // What is tried out includes resets.
  connected.on('error', () => {});
  const accepted = await arrival;
  const close = () => {
    connected.destroy();
    accepted.destroy();
    server.close();
  };
  return { accepted, connected, close };
}

function listening(): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
