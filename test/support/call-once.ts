/** One request on a connection of its own, and what became of it. */

import { connect } from 'node:net';

/** @returns the status, `lost` when the connection broke (an accepted one may be reset before its beginning is told), or the error */
export function callOnce(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    let connected = false;
    const socket = connect(port, '127.0.0.1', () => {
      connected = true;
      socket.write('GET /t HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n');
    });
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.once('error', ({ code = 'error' }: NodeJS.ErrnoException) =>
      resolve(connected || code === 'ECONNRESET' ? 'lost' : code),
    );
    socket.once('close', () => resolve(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'lost'));
  });
}
