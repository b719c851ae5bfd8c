/**
 * The controller in a cluster: of several, only the holder of the Lease works.
 *
 * Invariant: a controller that lost its lease has stopped writing before another one may start: its term ends after two thirds of
 * the lease's duration without a renewal, and `termClient` refuses every write after that.
 */

import { seekLeadership } from '../kube/lease.ts';
import { type Controller, type ControllerOptions, startController } from './start-controller.ts';
import { termClient } from './term-client.ts';

export type LeadControllerOptions = ControllerOptions & {
  lease: {
    namespace: string;
    name: string;
    /** Unique per process, such as pod name and process id. */
    identity: string;
    /** How long a silent holder is respected, in milliseconds; 15 s unless stated. */
    durationMs?: number;
  };
};

export type LeadingController = {
  /** Why it does not work yet, in words; `undefined` once it works or stands by. */
  notReady(): string | undefined;
  leads(): boolean;
  /** Ends the work, then gives the lease back. */
  close(): Promise<void>;
};

export function leadController({ lease, ...options }: LeadControllerOptions): LeadingController {
  const { client, clock, random, logger } = options;
  let running: Controller | undefined;
  let ended: Promise<void> = Promise.resolve();

  const stop = async (): Promise<void> => {
    const stopping = running;
    running = undefined;
    await stopping?.close();
  };
  const lead = (term: AbortSignal): void => {
    ended = ended.then(() => {
      // A short term may be over before the one before it has ended.
      if (!term.aborted) running = startController({ ...options, client: termClient(client, term) });
    });
    term.addEventListener('abort', () => {
      ended = ended.then(stop);
    });
  };
  const leadership = seekLeadership({ client, clock, random, logger, ...lease, lead });
  return {
    notReady() {
      const missing = running?.missing().filter(({ required }) => required) ?? [];
      return missing.length === 0 ? undefined : `waiting for ${missing.map(({ name }) => name).join(', ')}`;
    },
    leads: () => leadership.leads(),
    async close() {
      // Before the lease is given back, or the next one would start beside this one.
      await ended;
      await stop();
      await leadership.close();
      await ended;
      await stop();
    },
  };
}
