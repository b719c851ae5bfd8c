/**
 * The transport that reads into one shared buffer (documented `onread`) and writes straight to the socket's handle (not
 * documented, hence write-protocol.ts and self-test.ts). It saves an allocation, a stream and a tick per read and write.
 */

import { Socket, type SocketConstructorOpts } from 'node:net';
import { connectSocket, onreadInto } from './connect-socket.ts';
import { GivenRequestLink } from './given-request-link.ts';
import { LentRequestLink, SpareRequest } from './lent-request-link.ts';
import { type Link, type LinkEvents, READ_BUFFER_BYTES, type Transport } from './link.ts';
import { handleOf } from './write-handle.ts';
import type { WriteProtocol } from './write-protocol.ts';

type CreateLink = (socket: Socket, events: LinkEvents, remoteAddress: string) => Link;

export function createFastTransport(protocol: WriteProtocol): Transport {
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  // Chosen once, so that all links of a process are of one class: calls of one class are cheaper than calls of several.
  const createLink = linksOf(protocol);

  return {
    name: 'fast',
    accept(accepted, events) {
      const remoteAddress = accepted.remoteAddress ?? '';
      const handle = handleOf(accepted);
      const owner = accepted as unknown as { _handle: unknown };
      owner._handle = null;
      // A connection that was closed before it got here has no handle.
      const options = { handle, allowHalfOpen: true, onread: onreadInto(readBuffer, events) } as SocketConstructorOpts;
      const socket = handle === undefined ? new Socket() : new Socket(options);
      const link = createLink(socket, events, remoteAddress);
      if (handle === undefined) socket.destroy();
      return link;
    },
    connect: (address, events) => createLink(connectSocket(address, events, readBuffer), events, address.host),
  };
}

function linksOf(protocol: WriteProtocol): CreateLink {
  if (protocol.requests === 'given') {
    return (socket, events, remoteAddress) => new GivenRequestLink(socket, events, remoteAddress);
  }
  const spare = new SpareRequest(protocol.WriteRequestClass);
  return (socket, events, remoteAddress) => new LentRequestLink(socket, events, { spare, remoteAddress });
}
