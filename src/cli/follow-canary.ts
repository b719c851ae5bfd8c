/** A Canary as it changes: every version that the API server shows, from now on. */

import { CANARY, type Canary } from '../canary/canary.schema.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import type { Session } from './session.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Calls `see` with the Canary as it is now and after every change, until `see` answers other than `undefined`.
 *
 * @returns what `see` answered, or `'aborted'` when the signal came first
 */
export async function followCanary<T>(
  { client, namespace }: Session,
  name: string,
  { clock, random, logger, signal }: Pick<Surroundings, 'clock' | 'random' | 'logger'> & { signal: AbortSignal },
  see: (canary: Canary | undefined) => T | undefined,
): Promise<T | 'aborted'> {
  const fieldSelector = `metadata.name=${name}`;
  const cache = createWatchCache<Canary>(client, CANARY, { namespace, fieldSelector, clock, random, logger });
  try {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        if (!cache.hasSynced()) return;
        const answer = see(cache.get(namespace, name));
        if (answer !== undefined) resolve(answer);
      };
      if (signal.aborted) resolve('aborted');
      signal.addEventListener('abort', () => resolve('aborted'), { once: true });
      cache.onChange(look);
      cache.synced.then(look, reject);
    });
  } finally {
    cache.close();
  }
}
