/**
 * The transport that uses Node's documented interface only. Slower, and right on every version of Node. To endpoints it reads
 * into one shared buffer (`onread`); sockets that a server accepted cannot, and bring their own.
 */

import { connectSocket, listen } from './connect-socket.ts';
import { READ_BUFFER_BYTES, type Transport } from './link.ts';
import { SocketLink } from './socket-link.ts';

export function createDocumentedTransport(): Transport {
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  return {
    name: 'documented',
    accept(socket, events) {
      // One that was passed on by the parent does not know yet.
      socket.allowHalfOpen = true;
      listen(socket, events);
      socket.on('data', (chunk: Buffer) => {
        // Node would do so later, in a turn of its own queue for every chunk, which costs a twentieth of a request.
        socket.read(0);
        events.onBytes(chunk, chunk.length);
      });
      socket.resume();
      return new DocumentedLink(socket, events, socket.remoteAddress ?? '');
    },
    connect(address, events) {
      const socket = connectSocket(address, events, readBuffer);
      listen(socket, events);
      return new DocumentedLink(socket, events, address.host);
    },
  };
}

class DocumentedLink extends SocketLink {
  send(bytes: Buffer): boolean {
    const { socket } = this;
    if (socket.destroyed) return true;
    socket.write(bytes);
    // Nothing waits: the kernel has it all, and nobody needs the memory any more.
    if (socket.writableLength === 0) return true;
    // `drain` is told of long queues only; an empty write comes to its turn when all before it are done.
    socket.write('', (failed) => {
      if (!failed && !socket.destroyed) this.events.onDrain();
    });
    return false;
  }
}
