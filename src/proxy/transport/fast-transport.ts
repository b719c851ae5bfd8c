/**
 * The transport that reads into one shared buffer (documented `onread`) and writes straight to the socket's handle (not
 * documented, hence the self-test in choose-transport.ts). It saves an allocation, a stream and a tick per read and write.
 */

import { connect, Socket, type SocketConstructorOpts } from 'node:net';
import { keepAlive, listen } from './documented-transport.ts';
import { type ConnectionEnds, endsOf, type Link, type LinkEvents, READ_BUFFER_BYTES, type Transport } from './link.ts';

/** What is used of Node's TCP handle. */
export type WriteHandle = {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  readonly writeQueueSize: number;
};

export type WriteRequest = { oncomplete?: (status: number) => void; buffer?: Uint8Array };
export type WriteRequestConstructor = new () => WriteRequest;

/** Node's handle of a socket; `undefined` once it is closed. */
export function handleOf(socket: Socket): WriteHandle | undefined {
  return (socket as unknown as { _handle?: WriteHandle | null })._handle ?? undefined;
}

export function createFastTransport(WriteRequestClass: WriteRequestConstructor): Transport {
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

  const onreadInto = (events: LinkEvents) => ({
    buffer: readBuffer,
    callback(length: number): boolean {
      events.onBytes(readBuffer, length);
      return true;
    },
  });

  return {
    name: 'fast',
    accept(accepted, events) {
      const remoteAddress = accepted.remoteAddress ?? '';
      const handle = handleOf(accepted);
      const owner = accepted as unknown as { _handle: unknown };
      owner._handle = null;
      // A connection that was closed before it got here has no handle.
      const options = { handle, allowHalfOpen: true, onread: onreadInto(events) } as SocketConstructorOpts;
      const socket = handle === undefined ? new Socket() : new Socket(options);
      const link = new FastLink(socket, events, WriteRequestClass, remoteAddress);
      if (handle === undefined) socket.destroy();
      return link;
    },
    connect({ host, port, keepAliveMs }, events) {
      const socket = connect({
        host,
        port,
        noDelay: true,
        allowHalfOpen: true,
        ...keepAlive(keepAliveMs),
        onread: onreadInto(events),
      });
      socket.once('connect', () => events.onConnect?.());
      return new FastLink(socket, events, WriteRequestClass, host);
    },
  };
}

class FastLink implements Link {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #events: LinkEvents;
  readonly #WriteRequestClass: WriteRequestConstructor;
  #pending = 0;

  constructor(socket: Socket, events: LinkEvents, WriteRequestClass: WriteRequestConstructor, remoteAddress: string) {
    this.#socket = socket;
    this.#events = events;
    this.#WriteRequestClass = WriteRequestClass;
    this.remoteAddress = remoteAddress;
    listen(socket, events);
  }

  send(bytes: Buffer): boolean {
    const handle = handleOf(this.#socket);
    // Node lets go of the handle when it destroys the socket.
    if (handle === undefined) return true;
    // One request per write, never reused: libuv may have written the rest of a partial write by the time it returns, which leaves
    // the queue empty and the request in use until its completion is told. Node aborts the process when such a one comes again.
    const request = new this.#WriteRequestClass();
    if (handle.writeBuffer(request, bytes) !== 0) {
      this.#socket.destroy();
      return true;
    }
    if (handle.writeQueueSize === 0) return true;
    request.buffer = bytes;
    request.oncomplete = (status) => this.#onWritten(status);
    this.#pending++;
    return false;
  }

  ends(): ConnectionEnds {
    return endsOf(this.#socket);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onWritten(status: number): void {
    this.#pending--;
    if (status < 0) this.#socket.destroy();
    else if (this.#pending === 0 && !this.#socket.destroyed) this.#events.onDrain();
  }
}
