/**
 * Whether a port is free, asked with a plain bind: with SO_REUSEPORT, as the proxy's workers use it, a second bind of the same
 * user would succeed unseen and share the traffic.
 */

import { createServer } from 'node:net';
import { type Clock, delay } from '../../lib/clock.ts';
import { SluiceError } from '../../lib/errors.ts';

export type PortRequest = {
  host: string;
  /** 0 asks for any free port. */
  port: number;
  /** Who wants it, for the message: `--http-port`. */
  option: string;
};

/**
 * @returns the port, or the free port that was found for 0
 * @throws SluiceError SL0003 naming port and option
 */
export function probePort({ host, port, option }: PortRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EACCES' ? 'this user may not listen on it' : 'something listens on it already';
      reject(new SluiceError('SL0003', `Port ${port}, wanted by ${option}, cannot be used: ${why}`, { cause: error }));
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

const LOOK_AGAIN_MS = 50;

/**
 * As `probePort`, but gives processes of a platform that was killed time to leave the port.
 *
 * @throws SluiceError SL0003 when the port is still in use after `patienceMs`
 */
export async function awaitPort(
  request: PortRequest,
  { clock, patienceMs }: { clock: Clock; patienceMs: number },
): Promise<number> {
  const until = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await probePort(request);
    } catch (thrown) {
      if (clock.monotonicMs() >= until) throw thrown;
      await delay(clock, LOOK_AGAIN_MS);
    }
  }
}
