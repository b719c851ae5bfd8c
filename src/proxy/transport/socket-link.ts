/** What both transports leave to Node's socket as documented; they differ in how they write. */

import type { Socket } from 'node:net';
import { type ConnectionEnds, endsOf, type Link, type LinkEvents } from './link.ts';

export abstract class SocketLink implements Link {
  readonly remoteAddress: string;
  protected readonly socket: Socket;
  protected readonly events: LinkEvents;

  constructor(socket: Socket, events: LinkEvents, remoteAddress: string) {
    this.socket = socket;
    this.events = events;
    this.remoteAddress = remoteAddress;
  }

  abstract send(bytes: Buffer): boolean;

  ends(): ConnectionEnds {
    return endsOf(this.socket);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
