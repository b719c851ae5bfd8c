/**
 * The thin seam between the data path and Node's sockets. Everything above deals in bytes of a shared read buffer and in
 * `send`; which of Node's interfaces is used below is decided once, at start (choose-transport.ts).
 */

import type { Socket } from 'node:net';

/** The addresses of both ends of a connection as `host:port`; `-` for what is not known any more. */
export type ConnectionEnds = { remote: string; local: string };

export type Link = {
  readonly remoteAddress: string;
  /** Asks the kernel: to be called once, and only by those who need it. */
  ends(): ConnectionEnds;
  /**
   * Writes bytes that the caller does not touch again if the answer is false: then the kernel took a part only, and
   * `onDrain` says when the rest is written.
   */
  send(bytes: Buffer): boolean;
  /** Stops reading; what arrives waits in the kernel, so the peer is slowed down. */
  pause(): void;
  resume(): void;
  /** Closes the writing side once everything is written. */
  end(): void;
  /** Closes both sides at once. `onClose` follows. */
  destroy(): void;
};

export type LinkEvents = {
  onConnect?(): void;
  /** `bytes` up to `length` are valid until the call returns. */
  onBytes(bytes: Buffer, length: number): void;
  /** The peer closed its writing side. */
  onEnd(): void;
  /** Exactly once, after which nothing else is called. */
  onClose(): void;
  onDrain(): void;
};

export type Transport = {
  readonly name: 'fast' | 'documented';
  /** Takes over a connection that a server accepted with `pauseOnConnect`. */
  accept(socket: Socket, events: LinkEvents): Link;
  connect(address: LinkAddress, events: LinkEvents): Link;
};

export type LinkAddress = {
  host: string;
  port: number;
  /** Silence after which the kernel asks whether the peer is still there; absent: it never does. */
  keepAliveMs?: number | undefined;
};

/** One read buffer for all connections of a worker: whatever is not used up within `onBytes` is copied by the one who needs it. */
export const READ_BUFFER_BYTES: number = 64 * 1_024;

export function endsOf(socket: Socket): ConnectionEnds {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return { remote: hostAndPort(remoteAddress, remotePort), local: hostAndPort(localAddress, localPort) };
}

function hostAndPort(address: string | undefined, port: number | undefined): string {
  if (address === undefined || port === undefined) return '-';
  const host = withoutMapping(address);
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An IPv4 address as it is written, also where a socket for both families names it. */
export function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
