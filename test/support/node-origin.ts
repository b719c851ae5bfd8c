/** What Node's own HTTP parser makes of requests: the other reading of what the proxy sent on. */

import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';

export type ReadRequest = { method: string; target: string; body: string };

/** Sends each of `requests` (Latin-1) on a connection of its own. @returns for each, the requests that Node sees in it */
export async function readByNode(requests: readonly string[]): Promise<ReadRequest[][]> {
  let read: ReadRequest[] = [];
  const server = createServer({ maxHeaderSize: 128 * 1_024 }, async (incoming, response) => {
    read.push(await readingOf(incoming));
    response.end();
  });
  server.on('checkContinue', (incoming, response) => server.emit('request', incoming, response));
  server.on('clientError', (error, socket) => {
    read.push({ method: 'refused', target: error.message, body: '' });
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const readings: ReadRequest[][] = [];
  for (const request of requests) {
    read = [];
    await sendAlone(port, request);
    readings.push(read);
  }
  await new Promise((resolve) => server.close(resolve));
  return readings;
}

/** What is left of a request in another server's hands. */
export async function readingOf(incoming: IncomingMessage): Promise<ReadRequest> {
  incoming.setEncoding('latin1');
  return { method: incoming.method ?? '', target: incoming.url ?? '', body: await text(incoming) };
}

/** Half-closes behind the request, so that everything in it is read, and waits until the server has closed, too. */
export function sendAlone(port: number, request: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(request, 'latin1'));
    socket.resume();
    socket.on('error', () => {});
    socket.once('close', () => resolve());
  });
}
