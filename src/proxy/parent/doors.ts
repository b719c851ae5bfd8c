/**
 * The listening sockets of a proxy. The parent opens them and keeps them open, every worker accepts from the same ones: so a
 * worker that ends, in whatever way, closes no queue, and what waits in one is accepted by the next.
 *
 * The parent must bind without accepting, which Node offers to its own cluster module only (not documented, hence the look
 * before use). Without it, workers open sockets of their own on the same ports, and a dying one resets what is in its queue.
 */

import { lookup } from 'node:dns/promises';
import net, { type AddressInfo, createServer, isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { LISTENERS_PER_PORT } from '../listeners.ts';
import type { ListenerSetting } from '../worker-messages.ts';

/** A bound socket: Node's handle of it. */
export type BoundSocket = { getsockname(into: { port?: number }): number; close(): void };

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd: undefined,
  flags: number,
) => BoundSocket | number;

/** UV_TCP_REUSEPORT. */
const REUSE_PORT = 2;

const bindSocket = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;

export class Doors {
  readonly #sockets: { listener: number; socket: BoundSocket }[] = [];

  /** All that are open, each with the position of its port among the listeners. */
  get sockets(): readonly { listener: number; socket: BoundSocket }[] {
    return this.#sockets;
  }

  /** @returns the listeners with the ports they got @throws when a port cannot be bound */
  async open(host: string, listeners: readonly ListenerSetting[]): Promise<ListenerSetting[]> {
    const opened: ListenerSetting[] = [];
    for (const [index, listener] of listeners.entries()) {
      const port =
        bindSocket === undefined ? await freePort(host, listener.port) : await this.#bind(host, listener, index);
      opened.push({ ...listener, port });
    }
    return opened;
  }

  /** Connections are refused once no worker has the sockets open, either. */
  close(): void {
    for (const { socket } of this.#sockets) socket.close();
    this.#sockets.length = 0;
  }

  async #bind(host: string, { port }: ListenerSetting, listener: number): Promise<number> {
    const { address, family } = isIP(host) === 0 ? await lookup(host) : { address: host, family: isIP(host) };
    let bound = port;
    for (let count = 0; count < LISTENERS_PER_PORT; count++) {
      const { socket, port: got } = bindOne(address, bound, family);
      this.#sockets.push({ listener, socket });
      bound = got;
    }
    return bound;
  }
}

function bindOne(address: string, port: number, family: number): { socket: BoundSocket; port: number } {
  const flags = LISTENERS_PER_PORT > 1 ? REUSE_PORT : 0;
  const socket = (bindSocket as CreateServerHandle)(address, port, family, undefined, flags);
  if (typeof socket === 'number') throw new Error(getSystemErrorName(socket));
  // That a port is taken is told here only: the address of such a socket cannot be read.
  const got: { port?: number } = {};
  const failure = socket.getsockname(got);
  if (failure === 0 && got.port !== undefined) return { socket, port: got.port };
  socket.close();
  throw new Error(failure === 0 ? 'EADDRINUSE' : getSystemErrorName(failure));
}

/** @param port 0 for a free one @returns the port @throws when it is taken */
async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  const { port: got } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return got;
}
