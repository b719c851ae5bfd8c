/** A live copy of one kind, kept current by list and watch. `watch-cache.ts` makes one. */

import type { KubeObject } from '../lib/resource.ts';

export type CacheChange<T extends KubeObject> =
  | { type: 'added'; object: T }
  | { type: 'modified'; object: T; previous: T }
  | { type: 'deleted'; object: T };

export interface WatchCache<T extends KubeObject> {
  /** Resolves once the first list is in; rejects only when the cache is closed first. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  get(namespace: string | undefined, name: string): T | undefined;
  list(namespace?: string): readonly T[];
  /** Called after the cache holds the change, also for every object of the first list. Returns the unsubscriber. */
  onChange(listener: (change: CacheChange<T>) => void): () => void;
  close(): void;
}
