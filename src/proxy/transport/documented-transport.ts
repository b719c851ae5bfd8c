/** The transport that uses Node's documented interface only. Slower, and right on every version of Node. */

import { connect, type Socket } from 'node:net';
import { endsOf, type Link, type LinkEvents, type Transport } from './link.ts';

export function createDocumentedTransport(): Transport {
  return {
    name: 'documented',
    accept(socket, events) {
      // One that was passed on by the parent does not know yet.
      socket.allowHalfOpen = true;
      const link = attach(socket, events);
      socket.resume();
      return link;
    },
    connect({ host, port, keepAliveMs }, events) {
      const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, ...keepAlive(keepAliveMs) });
      socket.once('connect', () => events.onConnect?.());
      return attach(socket, events);
    },
  };
}

function attach(socket: Socket, events: LinkEvents): Link {
  listen(socket, events);
  socket.on('data', (chunk: Buffer) => events.onBytes(chunk, chunk.length));
  socket.on('drain', () => events.onDrain());
  return {
    remoteAddress: socket.remoteAddress ?? '',
    ends: () => endsOf(socket),
    send(bytes) {
      // Node keeps what it could not write, and the caller may reuse its memory at once: so it gets a copy.
      return socket.destroyed || socket.write(Buffer.from(bytes));
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** The events that both transports take from Node as they are. */
export function listen(socket: Socket, events: LinkEvents): void {
  socket.on('end', () => events.onEnd());
  socket.once('close', () => events.onClose());
  // Always followed by `close`, which is where it is dealt with.
  socket.on('error', () => {});
}

/** As Node's sockets take it. */
export function keepAlive(afterMs: number | undefined): { keepAlive?: true; keepAliveInitialDelay?: number } {
  return afterMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: afterMs };
}
