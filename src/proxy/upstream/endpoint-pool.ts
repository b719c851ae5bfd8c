/**
 * The connections of one endpoint, and the requests that wait for one (istio.md 5.2). A request takes an idle connection or
 * waits; the cluster's limits say how many may wait, how many connections there may be, and how many requests on them.
 *
 * Invariants: whoever waits has a connection that is being opened or in use, so that nobody waits forever: an endpoint without any may
 * always open one. Those who wait are served in the order in which they came.
 */

import type { ClusterLoad } from './cluster-load.ts';
import { UpstreamConnection, type UpstreamContext } from './upstream-connection.ts';
import type { UpstreamUser } from './upstream-user.ts';

/** `waiting`: `onReady`, `onConnectFailed` or `onOverflow` of the user follows, unless it is cancelled; `overflow`: nothing does. */
export type Acquired = UpstreamConnection | 'waiting' | 'overflow';

export type PoolSite = { readonly host: string; readonly port: number; readonly listed: boolean };

export class EndpointPool {
  readonly site: PoolSite;
  readonly load: ClusterLoad;
  /** Last used last: the warmest connection is taken first, so that surplus ones grow old and are closed. */
  readonly #idle: UpstreamConnection[] = [];
  readonly #waiting: UpstreamUser[] = [];
  #open = 0;
  #connecting = 0;

  constructor(site: PoolSite, load: ClusterLoad) {
    this.site = site;
    this.load = load;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  acquire(user: UpstreamUser, context: UpstreamContext): Acquired {
    if (this.#idle.length === 0) return this.#wait(user, context);
    if (!this.load.mayRequest) return 'overflow';
    const connection = this.#idle.pop() as UpstreamConnection;
    connection.use(user);
    return connection;
  }

  /** For a request that was lost on an idle connection that the endpoint had given up: the others may be no better. */
  acquireFresh(user: UpstreamUser, context: UpstreamContext): Acquired {
    if (!this.load.mayConnect) this.#idle[0]?.close();
    return this.#wait(user, context);
  }

  /** The user does not want a connection any more. */
  cancel(user: UpstreamUser): void {
    const index = this.#waiting.indexOf(user);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    this.load.waiting--;
  }

  /** The connection can take a request: who waits longest has it, else it is idle. */
  free(connection: UpstreamConnection): void {
    for (;;) {
      const user = this.#waiting.shift();
      if (user === undefined) {
        // Nobody sweeps what has left the table.
        if (this.site.listed) this.#idle.push(connection);
        else connection.close();
        return;
      }
      this.load.waiting--;
      if (this.load.mayRequest) {
        connection.use(user);
        user.onReady(connection);
        return;
      }
      user.onOverflow();
    }
  }

  connected(connection: UpstreamConnection): void {
    this.#connecting--;
    this.free(connection);
  }

  /** Who waits for no other connection that is being opened fails with this one. */
  connectFailed(timedOut: boolean): void {
    this.#connecting--;
    this.#open--;
    this.load.connections--;
    const failed = this.#waiting.splice(0, Math.max(0, this.#waiting.length - this.#connecting));
    this.load.waiting -= failed.length;
    for (const user of failed) user.onConnectFailed(timedOut);
  }

  closed(connection: UpstreamConnection, context: UpstreamContext): void {
    this.#open--;
    this.load.connections--;
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#openMore(context);
  }

  /** Closes connections that were idle for too long at `nowMs` (monotonic); all of them when the endpoint is gone. */
  sweep(nowMs: number): void {
    if (this.#idle.length === 0) return;
    for (const connection of [...this.#idle]) {
      if (!this.site.listed || connection.idleUntilMs <= nowMs) connection.close();
    }
  }

  #wait(user: UpstreamUser, context: UpstreamContext): Acquired {
    if (!this.load.mayWait) return 'overflow';
    this.#waiting.push(user);
    this.load.waiting++;
    this.#openMore(context);
    return 'waiting';
  }

  #openMore(context: UpstreamContext): void {
    while (this.#connecting < this.#waiting.length && (this.load.mayConnect || this.#open === 0)) {
      this.#open++;
      this.#connecting++;
      this.load.connections++;
      new UpstreamConnection(this, context);
    }
  }
}
