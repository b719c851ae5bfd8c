/** Which of the known ways this Node has of writing to a handle: seen by watching Node itself write, which harms nobody. */

import type { Socket } from 'node:net';
import { openLoopback } from './loopback.ts';
import { handleOf, type WriteRequest, type WriteRequestConstructor } from './write-handle.ts';

/** Whether Node lends a request to every write, or is given one by those that are not over at once (write-handle.ts). */
export type WriteProtocol = { requests: 'lent'; WriteRequestClass: WriteRequestConstructor } | { requests: 'given' };

/** @throws when Node writes in a way that is not known here */
export async function seeWriteProtocol(): Promise<WriteProtocol> {
  const loopback = await openLoopback();
  try {
    return protocolOf(watchWrite(loopback.connected));
  } finally {
    loopback.close();
  }
}

/** What Node asked a handle for when it wrote, and what it got. */
export type SeenWrite = { values: readonly unknown[]; outcome: unknown };

function watchWrite(socket: Socket): SeenWrite {
  const handle = handleOf(socket);
  if (typeof handle?.writeBuffer !== 'function') throw new Error('sockets have no handle that writes');
  const original = handle.writeBuffer.bind(handle) as (...values: unknown[]) => number;
  let seen: SeenWrite | undefined;
  handle.writeBuffer = (...values: unknown[]) => {
    const outcome = original(...values);
    seen = { values, outcome };
    return outcome;
  };
  socket.write(Buffer.from('x'));
  if (seen === undefined) throw new Error('sockets write to their handle in another way');
  return seen;
}

/** @throws when it is none that is known */
export function protocolOf({ values, outcome }: SeenWrite): WriteProtocol {
  const [request] = values;
  if (values.length !== 2 || !(values[1] instanceof Uint8Array) || outcome !== 0) {
    throw new Error('the handle is asked to write in another way');
  }
  if (request === null) return { requests: 'given' };
  const WriteRequestClass = (request as WriteRequest | undefined)?.constructor as WriteRequestConstructor | undefined;
  if (WriteRequestClass === undefined || WriteRequestClass === (Object as unknown)) {
    throw new Error('writes come with another kind of request');
  }
  const spare = new WriteRequestClass() as Partial<WriteRequest>;
  if (spare.getAsyncId === undefined || spare.getAsyncId() >= 0) throw new Error('requests have owners before a write');
  return { requests: 'lent', WriteRequestClass };
}
