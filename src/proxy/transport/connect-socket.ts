/** What both transports take from Node's sockets as documented: connecting, reading into one buffer, and the rarer events. */

import { connect, type OnReadOpts, type Socket } from 'node:net';
import type { LinkAddress, LinkEvents } from './link.ts';

/** Opens a connection that reads into `buffer`. */
export function connectSocket({ host, port, keepAliveMs }: LinkAddress, events: LinkEvents, buffer: Buffer): Socket {
  const keepAlive = keepAliveMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepAliveMs };
  const onread = onreadInto(buffer, events);
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, onread, ...keepAlive });
  socket.once('connect', () => events.onConnect?.());
  return socket;
}

/** Has a socket read into `buffer` and hand over the bytes at once. */
export function onreadInto(buffer: Buffer, events: LinkEvents): OnReadOpts {
  return {
    buffer,
    callback(length) {
      events.onBytes(buffer, length);
      return true;
    },
  };
}

export function listen(socket: Socket, events: LinkEvents): void {
  socket.on('end', () => events.onEnd());
  socket.once('close', () => events.onClose());
  // Always followed by `close`, which is where it is dealt with.
  socket.on('error', () => {});
}
