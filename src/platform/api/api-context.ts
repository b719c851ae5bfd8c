/** What every part of the API server is handed: the store, the kinds it serves, time, chance and a place to log. */

import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KindRegistry } from './kind-registry.ts';
import type { ObjectStore } from './store/object-store.ts';

export type PodLogOptions = {
  follow: boolean;
  tailLines?: number;
  sinceSeconds?: number;
  previous: boolean;
  timestamps: boolean;
  limitBytes?: number;
};

/** Where the output of containers comes from: the kubelet. Ends by itself unless it follows. */
export type PodLogs = (
  ref: { namespace: string; name: string; container: string },
  options: PodLogOptions,
  signal: AbortSignal,
) => AsyncIterable<Uint8Array>;

export type ApiContext = {
  readonly store: ObjectStore;
  readonly kinds: KindRegistry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly podLogs?: PodLogs;
};
