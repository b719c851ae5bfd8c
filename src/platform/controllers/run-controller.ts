/** What all controllers are around their decisions: caches wake keys, a queue works on them, and one key is in one pair of hands. */

import type { WatchCache } from '../../kube/watch-cache.types.ts';
import { createWorkQueue } from '../../kube/work-queue.ts';
import type { BackoffPolicy } from '../../lib/backoff.ts';
import type { EpochMs } from '../../lib/clock.ts';
import { type KubeObject, objectKey } from '../../lib/resource.ts';
import type { Controller, ControllerContext } from './controller-context.ts';

/** How failing keys are retried. */
const BACKOFF: BackoffPolicy = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };

/** How many keys of one controller are worked on at the same time. */
const CONCURRENCY = 4;

/** Asks for a key to be looked at. */
export type Wake = (key: string) => void;

/** The synced part of a cache is all that is needed of those that a controller only reads. */
type Filled = Pick<WatchCache<KubeObject>, 'synced'>;

export type ControllerWiring<T extends KubeObject> = {
  /** One object per key. */
  objects: WatchCache<T>;
  /** Further caches that must be filled before the first decision. */
  reads: readonly Filled[];
  /** Subscribes to what else wakes keys. Returns the unsubscribers. */
  subscribe: (wake: Wake) => (() => void)[];
  /** @returns when to look again, if at an instant */
  process: (key: string) => Promise<EpochMs | undefined>;
  /** Resolves when nothing is under way that the queue does not know of. */
  flush?: () => Promise<void>;
};

/** Starts working as soon as the caches are filled. */
export function runController<T extends KubeObject>(
  { clock, random, logger }: ControllerContext,
  { objects, reads, subscribe, process, flush }: ControllerWiring<T>,
): Controller {
  const queue = createWorkQueue({
    clock,
    random,
    logger,
    backoff: BACKOFF,
    concurrency: CONCURRENCY,
    process,
  });

  let unsubscribe: (() => void)[] = [];
  const start = async (): Promise<void> => {
    await Promise.all([objects, ...reads].map((cache) => cache.synced));
    unsubscribe = [...subscribe(queue.add), objects.onChange(({ object }) => queue.add(objectKey(object.metadata)))];
  };
  // A cache that is closed before it is filled ends the start; there is nothing to do then.
  start().catch(() => {});

  return {
    async close() {
      for (const end of unsubscribe) end();
      await queue.close();
      await flush?.();
    },
  };
}
