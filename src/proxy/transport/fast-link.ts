/** What the links that write straight to the handle have in common: what happens when a write is not over at once. */

import type { Socket } from 'node:net';
import { listen } from './connect-socket.ts';
import type { LinkEvents } from './link.ts';
import { SocketLink } from './socket-link.ts';
import type { WriteRequest } from './write-handle.ts';

export abstract class FastLink extends SocketLink {
  #pending = 0;

  constructor(socket: Socket, events: LinkEvents, remoteAddress: string) {
    super(socket, events, remoteAddress);
    listen(socket, events);
  }

  /** The kernel took a part; `bytes` are written from until `request` is complete. */
  protected awaitRest(request: WriteRequest, bytes: Buffer): void {
    request.buffer = bytes;
    request.oncomplete = (status) => this.#onWritten(status);
    this.#pending++;
  }

  #onWritten(status: number): void {
    this.#pending--;
    if (status < 0) this.socket.destroy();
    else if (this.#pending === 0 && !this.socket.destroyed) this.events.onDrain();
  }
}
