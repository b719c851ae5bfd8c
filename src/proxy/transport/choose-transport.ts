/**
 * Decides at start which transport is used: the fast one where Node writes in a way that is known (write-protocol.ts) and what is
 * seen on the wire is right (self-test.ts), else the documented one, which is right on every Node.
 */

import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { createDocumentedTransport } from './documented-transport.ts';
import { createFastTransport } from './fast-transport.ts';
import type { Transport } from './link.ts';
import { selfTest } from './self-test.ts';
import { seeWriteProtocol } from './write-protocol.ts';

export type ChosenTransport = {
  transport: Transport;
  /** Why it is not the fast one. */
  fallbackReason?: string;
};

export async function chooseTransport(clock: Clock): Promise<ChosenTransport> {
  try {
    const transport = createFastTransport(await seeWriteProtocol());
    await selfTest(transport, clock);
    return { transport };
  } catch (thrown) {
    return { transport: createDocumentedTransport(), fallbackReason: messageOf(thrown) };
  }
}
