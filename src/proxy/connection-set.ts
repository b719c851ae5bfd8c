/** All client connections of a worker: the cap on their number, the sweep over their deadlines, and the drain. */

import type { Socket } from 'node:net';
import { ClientConnection } from './client-connection.ts';
import { type DataPath, SWEEP_MS } from './data-path.ts';

/** Turns of the event loop; in each, every listener takes one connection. */
const DOORSTEP_TURNS = 200;
const QUIET_TURNS = 3;

export class ConnectionSet {
  readonly #path: DataPath;
  readonly #connections = new Set<ClientConnection>();
  #accepted = 0;
  #onEmpty: (() => void) | undefined;
  #cancelSweep: () => void = () => {};

  constructor(path: DataPath) {
    this.#path = path;
    this.#scheduleSweep();
  }

  get size(): number {
    return this.#connections.size;
  }

  /** @param servicePort the port of the services that the listener stands for; absent: whichever Host means */
  accept(socket: Socket, servicePort?: number): void {
    if (this.#connections.size >= this.#path.limits.connections && !this.#closeOldestIdle()) {
      this.#path.counters.add('sluice_proxy_refused_connections_total');
      socket.destroy();
      return;
    }
    this.#accepted++;
    const connection = new ClientConnection(this.#path, { servicePort, onGone: (gone) => this.#remove(gone) });
    this.#connections.add(connection);
    connection.attach(this.#path.transport.accept(socket, connection));
  }

  /**
   * Takes what waits in the queues of the listeners, because closing them resets it: until nobody came in a while, or for
   * `DOORSTEP_TURNS` at most, where somebody always comes.
   */
  async untilNobodyComes(breathe: () => Promise<void>): Promise<void> {
    this.#path.state.draining = true;
    let quiet = 0;
    for (let turn = 0; turn < DOORSTEP_TURNS && quiet < QUIET_TURNS; turn++) {
      const before = this.#accepted;
      await breathe();
      quiet = this.#accepted === before ? quiet + 1 : 0;
    }
  }

  /** Lets requests in flight finish; what is left after `graceMs` is cut. Resolves when no connection is left. */
  async drain(graceMs: number): Promise<void> {
    this.#path.state.draining = true;
    const emptied = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
    if (this.#connections.size === 0) return;
    const cancel = this.#path.clock.after(graceMs, () => {
      this.#path.counters.add('sluice_proxy_drain_cut_connections_total', this.#connections.size);
      for (const connection of [...this.#connections]) connection.destroy();
    });
    await emptied;
    cancel();
  }

  close(): void {
    this.#cancelSweep();
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #remove(connection: ClientConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  // A set keeps the order in which connections came.
  #closeOldestIdle(): boolean {
    for (const connection of this.#connections) {
      if (!connection.isIdle) continue;
      this.#path.counters.add('sluice_proxy_closed_connections_total{reason="makes_room"}');
      connection.destroy();
      this.#connections.delete(connection);
      return true;
    }
    return false;
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#path.clock.after(SWEEP_MS, () => {
      this.#sweep();
      this.#scheduleSweep();
    });
  }

  #sweep(): void {
    const nowMs = this.#path.clock.monotonicMs();
    this.#path.state.sweptMs = nowMs;
    for (const connection of this.#connections) connection.sweep(nowMs);
    for (const cluster of this.#path.table.current.clusters.values()) {
      for (const endpoint of cluster.endpoints) endpoint.pool.sweep(nowMs);
    }
  }
}
