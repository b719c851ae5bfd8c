/**
 * The parent's own listening socket on every port, beside those of its workers (SO_REUSEPORT): a port is open as long as the
 * parent lives, whoever of its workers dies. The kernel gives it a small share of the connections while workers listen, and all
 * of them while none does. They are passed to a worker unread, or wait for the next one.
 *
 * Invariant: a connection is let go of only when a worker has said that it took it, so one that was on its way to a worker that
 * died goes to another one.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ListenerSetting } from '../worker-messages.ts';

/** Who takes connections. */
export type Taker = {
  /** @param listener position of the port among the listeners */
  take(id: number, listener: number, socket: Socket): void;
};

type Held = { socket: Socket; listener: number; taker: Taker | undefined };

/** Connections that may wait when there is no worker; further ones are closed. */
const HELD_MOST = 4_096;
const BACKLOG = 1_024;

export class Doors {
  readonly #servers: Server[] = [];
  readonly #held = new Map<number, Held>();
  readonly #takers = new Set<Taker>();
  #lastId = 0;
  readonly #onRefused: () => void;

  /** @param onRefused called for each connection that found no room to wait */
  constructor(onRefused: () => void) {
    this.#onRefused = onRefused;
  }

  /** @returns the listeners with the ports they got @throws when a port cannot be bound */
  async open(host: string, listeners: readonly ListenerSetting[]): Promise<ListenerSetting[]> {
    const opened: ListenerSetting[] = [];
    for (const [index, listener] of listeners.entries()) {
      const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#receive(socket, index));
      this.#servers.push(server);
      const { port } = await listen(server, host, listener.port);
      opened.push({ ...listener, port });
    }
    return opened;
  }

  /** From now on `taker` takes connections, beginning with those that wait. */
  admit(taker: Taker): void {
    this.#takers.add(taker);
    for (const [id, held] of this.#held) if (held.taker === undefined) this.#pass(id, held);
  }

  /** `taker` is gone: what it did not take goes to others. */
  dismiss(taker: Taker): void {
    this.#takers.delete(taker);
    for (const [id, held] of this.#held) if (held.taker === taker) this.#pass(id, held);
  }

  /** A worker has the connection. */
  taken(id: number): void {
    // Closes this process's descriptor only; the connection lives on in the worker's.
    this.#held.get(id)?.socket.destroy();
    this.#held.delete(id);
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  /** Gives up what nobody took. */
  abandon(): void {
    for (const id of [...this.#held.keys()]) this.taken(id);
  }

  #receive(socket: Socket, listener: number): void {
    socket.on('error', () => {});
    if (this.#held.size >= HELD_MOST) {
      this.#onRefused();
      socket.destroy();
      return;
    }
    const held = { socket, listener, taker: undefined };
    const id = ++this.#lastId;
    this.#held.set(id, held);
    this.#pass(id, held);
  }

  #pass(id: number, held: Held): void {
    const [taker] = this.#takers;
    held.taker = taker;
    if (taker === undefined) return;
    // In turn: who took one stands last.
    this.#takers.delete(taker);
    this.#takers.add(taker);
    taker.take(id, held.listener, held.socket);
  }
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG, reusePort: process.platform === 'linux' }, () => {
      server.off('error', reject);
      // Without descriptors a listener pauses by itself; accepting goes on when connections have closed.
      server.on('error', () => {});
      resolve(server.address() as AddressInfo);
    });
  });
}
