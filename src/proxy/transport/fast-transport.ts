/**
 * The transport that reads into one shared buffer (documented `onread`) and writes straight to the socket's handle (not
 * documented, hence the self-test in choose-transport.ts). It saves an allocation, a stream and a tick per read and write.
 */

import { Socket, type SocketConstructorOpts } from 'node:net';
import { connectSocket, listen, onreadInto } from './connect-socket.ts';
import { type LinkEvents, READ_BUFFER_BYTES, type Transport } from './link.ts';
import { SocketLink } from './socket-link.ts';

/** What is used of Node's TCP handle. */
export type WriteHandle = {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
};

export type WriteRequest = {
  oncomplete?: (status: number) => void;
  buffer?: Uint8Array;
  /** Negative as long as no write under way owns the request. */
  getAsyncId(): number;
};
export type WriteRequestConstructor = new () => WriteRequest;

/**
 * The request for the next write. Nearly every write is complete when it returns, and has not touched its request then; so one
 * request serves for all of them, and is replaced only when a write keeps it (reusing such a one makes Node abort).
 */
class SpareRequest {
  readonly #WriteRequestClass: WriteRequestConstructor;
  current: WriteRequest;

  constructor(WriteRequestClass: WriteRequestConstructor) {
    this.#WriteRequestClass = WriteRequestClass;
    this.current = new WriteRequestClass();
  }

  replace(): void {
    this.current = new this.#WriteRequestClass();
  }
}

/** Node's handle of a socket; `undefined` once it is closed. */
export function handleOf(socket: Socket): WriteHandle | undefined {
  return (socket as unknown as { _handle?: WriteHandle | null })._handle ?? undefined;
}

export function createFastTransport(WriteRequestClass: WriteRequestConstructor): Transport {
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  const spare = new SpareRequest(WriteRequestClass);

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
      const link = new FastLink(socket, events, spare, remoteAddress);
      if (handle === undefined) socket.destroy();
      return link;
    },
    connect(address, events) {
      const socket = connectSocket(address, events, readBuffer);
      return new FastLink(socket, events, spare, address.host);
    },
  };
}

class FastLink extends SocketLink {
  readonly #spare: SpareRequest;
  #pending = 0;

  constructor(socket: Socket, events: LinkEvents, spare: SpareRequest, remoteAddress: string) {
    super(socket, events, remoteAddress);
    this.#spare = spare;
    listen(socket, events);
  }

  send(bytes: Buffer): boolean {
    const handle = handleOf(this.socket);
    // Node lets go of the handle when it destroys the socket.
    if (handle === undefined) return true;
    const request = this.#spare.current;
    const failed = handle.writeBuffer(request, bytes) !== 0;
    if (!failed && request.getAsyncId() < 0) return true;
    this.#spare.replace();
    if (failed) {
      this.socket.destroy();
      return true;
    }
    request.buffer = bytes;
    request.oncomplete = (status) => this.#onWritten(status);
    this.#pending++;
    return false;
  }

  #onWritten(status: number): void {
    this.#pending--;
    if (status < 0) this.socket.destroy();
    else if (this.#pending === 0 && !this.socket.destroyed) this.events.onDrain();
  }
}
