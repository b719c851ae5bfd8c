/** A link for Node 24: every write is given a request, and the answer says whether it began. */

import type { Socket } from 'node:net';
import { FastLink } from './fast-link.ts';
import type { LinkEvents } from './link.ts';
import { handleOf, type WriteRequest, type WriteRequestConstructor } from './write-handle.ts';

/**
 * The request for the next write. Nearly every write is complete when it returns, and has not touched its request then; so one
 * request serves for all of them, and is replaced only when a write keeps it (reusing such a one makes Node abort).
 */
export class SpareRequest {
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

export class LentRequestLink extends FastLink {
  readonly #spare: SpareRequest;

  constructor(socket: Socket, events: LinkEvents, { spare, remoteAddress }: LentRequestLinkOptions) {
    super(socket, events, remoteAddress);
    this.#spare = spare;
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
    this.awaitRest(request, bytes);
    return false;
  }
}

type LentRequestLinkOptions = { spare: SpareRequest; remoteAddress: string };
