/** Node's TCP handle below a socket, which is not documented: as much of it as the fast transport uses. */

import type { Socket } from 'node:net';

export type WriteRequest = {
  /** Called when the write is over, with a negative number when it failed. */
  oncomplete?: ((status: number) => void) | null;
  /** Keeps the memory alive as long as it is written from. */
  buffer?: Uint8Array | null;
  /** Negative as long as no write under way owns the request. */
  getAsyncId(): number;
};
export type WriteRequestConstructor = new () => WriteRequest;

/**
 * Node 24 wants to be given a request and says how the write began: 0, or the error. Node 26 wants none and gives one back when
 * the kernel has not taken everything at once. Each makes the other abort, so the one is told from the other before any write.
 */
export type WriteHandle = {
  writeBuffer(request: WriteRequest | null, bytes: Uint8Array): number | WriteRequest;
};

/** @returns `undefined` once it is closed */
export function handleOf(socket: Socket): WriteHandle | undefined {
  return (socket as unknown as { _handle?: WriteHandle | null })._handle ?? undefined;
}
