/**
 * Tries a transport out on loopback connections: whether bytes arrive, whether a write that the kernel cannot take at once is
 * waited for, and whether a failed write ends the connection, at once or halfway.
 */

import type { Clock } from '../../lib/clock.ts';
import type { Link, LinkEvents, Transport } from './link.ts';
import { type Loopback, openLoopback } from './loopback.ts';

const PATIENCE_MS = 2_000;
/** More than a loopback connection buffers, so that a part of it has to be written later. */
const LARGE_BYTES = 12 * 1_024 * 1_024;
const MARK = 7;
const PING = Buffer.from('ping');

/** @throws with what went wrong */
export async function selfTest(transport: Transport, clock: Clock): Promise<void> {
  await trial(transport, clock, 'bytes do not arrive as they were sent', writesEverything);
  await trial(transport, clock, 'a write to a peer that is gone ends nothing', noticesFailure);
  await trial(transport, clock, 'a write that fails halfway ends nothing', noticesFailureHalfway);
}

type Trial = (loopback: Loopback, open: (events: Partial<LinkEvents>) => Link) => Promise<boolean>;

async function trial(transport: Transport, clock: Clock, failure: string, run: Trial): Promise<void> {
  const loopback = await openLoopback();
  let link: Link | undefined;
  const open = (events: Partial<LinkEvents>): Link => {
    link = transport.accept(loopback.accepted, { ...DEAF, ...events });
    return link;
  };
  let cancel = (): void => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(PATIENCE_MS, () => resolve(false));
  });
  try {
    if (!(await Promise.race([run(loopback, open), late]))) throw new Error(failure);
  } finally {
    cancel();
    link?.destroy();
    loopback.close();
  }
}

const DEAF: LinkEvents = { onBytes() {}, onEnd() {}, onClose() {}, onDrain() {} };

const writesEverything: Trial = ({ connected }, open) =>
  new Promise((resolve) => {
    let received = 0;
    let waits = false;
    let drained = false;
    const link = open({
      onBytes(bytes, length) {
        if (!bytes.subarray(0, length).equals(PING)) return resolve(false);
        const atOnce = link.send(marked(1)) && link.send(marked(1));
        waits = atOnce && !link.send(marked(LARGE_BYTES - 2));
        connected.resume();
      },
      onDrain() {
        drained = true;
      },
      onEnd: () => resolve(waits && drained),
    });
    connected.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (chunk[0] !== MARK || chunk.at(-1) !== MARK || received > LARGE_BYTES) resolve(false);
      else if (received === LARGE_BYTES) connected.end();
    });
    connected.write(PING);
  });

// Nothing is read meanwhile: only the write can tell that the peer is gone.
const noticesFailure: Trial = ({ connected }, open) =>
  new Promise((resolve) => {
    const link = open({ onClose: () => resolve(true), onDrain: () => resolve(false) });
    link.pause();
    connected.once('close', () => link.send(marked(1)));
    connected.resetAndDestroy();
  });

const noticesFailureHalfway: Trial = ({ connected }, open) =>
  new Promise((resolve) => {
    const link = open({ onClose: () => resolve(true), onDrain: () => resolve(false) });
    link.pause();
    if (link.send(marked(LARGE_BYTES))) resolve(false);
    connected.resetAndDestroy();
  });

function marked(length: number): Buffer {
  return Buffer.alloc(length, MARK);
}
