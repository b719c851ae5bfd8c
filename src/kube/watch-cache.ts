/**
 * Keeps a live copy of one kind: list in pages, then watch from the list's version, for ever. Whatever ends a watch (the server's
 * deadline, a cut connection, silence, an expired version, a kind that is not installed yet) only leads to the next attempt.
 */

import { backoffMs } from '../lib/backoff.ts';
import { type Clock, delay } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type KubeObject, objectKey, type ResourceType } from '../lib/resource.ts';
import { ApiError, type KubeClient, type WatchEvent } from './kube-client.ts';
import type { CacheChange, WatchCache } from './watch-cache.types.ts';

export type WatchCacheOptions = {
  /** Absent: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
};

const RETRY = { baseMs: 200, maxMs: 15_000, jitter: 0.5 };
/** A CustomResourceDefinition may be installed at any moment, and whoever installs it expects to be noticed. */
const RETRY_UNKNOWN_KIND = { baseMs: 200, maxMs: 2_000, jitter: 0.5 };
/** A watch that lasted this long was not refused. */
const WORTHWHILE_MS = 1_000;
/** The server ends a watch within this time, and longer silence means that the connection is dead (K03). */
const WATCH_SECONDS_MIN = 40;
const SILENCE_MS_MAX = 60_000;

/** Starts at once. Listeners are called after the copy was changed; one that throws is logged and disturbs nobody. */
export function createWatchCache<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  options: WatchCacheOptions,
): WatchCache<T> {
  const { clock, random, logger } = options;
  const objects = new Map<string, T>();
  const listeners = new Set<(change: CacheChange<T>) => void>();
  const closing = new AbortController();
  const first = Promise.withResolvers<void>();
  first.promise.catch(() => {});
  const selection = pick(options);
  let synced = false;

  const tell = (change: CacheChange<T>): void => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (thrown) {
        logger.error({ kind: type.kind, error: messageOf(thrown) }, 'watch listener failed');
      }
    }
  };

  const put = (object: T): void => {
    const key = objectKey(object.metadata);
    const previous = objects.get(key);
    if (previous !== undefined && previous.metadata.resourceVersion === object.metadata.resourceVersion) return;
    // Deleted and created again while nobody looked: two objects, although they share a name.
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) remove(previous);
    const known = objects.get(key);
    objects.set(key, object);
    tell(known === undefined ? { type: 'added', object } : { type: 'modified', object, previous: known });
  };

  const remove = (object: T): void => {
    if (objects.delete(objectKey(object.metadata))) tell({ type: 'deleted', object });
  };

  const relist = async (): Promise<string> => {
    const { items, resourceVersion } = await client.list<T>(type, selection);
    if (closing.signal.aborted) throw closing.signal.reason;
    const present = new Set(items.map(({ metadata }) => objectKey(metadata)));
    for (const [key, object] of objects) if (!present.has(key)) remove(object);
    for (const object of items) put(object);
    if (!synced) {
      synced = true;
      first.resolve();
    }
    return resourceVersion;
  };

  /** Watches until the connection ends. Returns the version to go on from; `undefined` when a new list is needed. */
  const follow = async (from: string): Promise<string | undefined> => {
    let version: string = from;
    const silence = createSilenceAlarm(clock, closing.signal);
    const timeoutSeconds = Math.round(WATCH_SECONDS_MIN * (1 + random() / 4));
    try {
      const watching = { ...selection, resourceVersion: version, timeoutSeconds, signal: silence.signal };
      for await (const event of client.watch<T>(type, watching)) {
        silence.heard();
        if (event.type === 'ERROR') throw watchError(event);
        version = versionOf(event) || version;
        if (event.type === 'DELETED') remove(event.object);
        else if (event.type !== 'BOOKMARK') put(event.object);
      }
    } catch (thrown) {
      if (thrown instanceof ApiError && (thrown.status === 410 || thrown.reason === 'Expired')) return undefined;
      if (silence.fired) return undefined;
      // A cut connection is resumed from where it was; only what was never told is asked for again.
      if (version === from) throw thrown;
      logger.debug({ kind: type.kind, error: messageOf(thrown) }, 'watch ended');
    } finally {
      silence.cancel();
    }
    return version;
  };

  const run = async (): Promise<void> => {
    let version: string | undefined;
    let failures = 0;
    while (!closing.signal.aborted) {
      let retry = RETRY;
      let watching = false;
      const startedAt = clock.monotonicMs();
      try {
        if (version === undefined) version = await relist();
        watching = true;
        const reached = await follow(version);
        // A server that ends every watch at once, or calls every version expired, must not be asked in a busy loop.
        failures = reached === undefined || reached === version ? failures + 1 : 0;
        version = reached;
      } catch (thrown) {
        if (closing.signal.aborted) return;
        failures += 1;
        logger.debug({ kind: type.kind, failures, error: messageOf(thrown) }, 'list or watch failed');
        if (isGone(thrown)) {
          version = undefined;
          retry = RETRY_UNKNOWN_KIND;
        }
      }
      if (watching && WORTHWHILE_MS < clock.monotonicMs() - startedAt) failures = 0;
      if (0 < failures) await delay(clock, backoffMs(retry, failures - 1, random()), closing.signal).catch(() => {});
    }
  };
  void run();

  return {
    synced: first.promise,
    hasSynced: () => synced,
    get: (namespace, name) => objects.get(objectKey(namespace === undefined ? { name } : { namespace, name })),
    list: (namespace) =>
      [...objects.values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    onChange(listener) {
      listeners.add(listener);
      for (const object of [...objects.values()]) listener({ type: 'added', object });
      return () => listeners.delete(listener);
    },
    close() {
      closing.abort(new Error('The watch cache was closed'));
      listeners.clear();
      if (!synced) first.reject(closing.signal.reason);
    },
  };
}

function pick({ namespace, labelSelector, fieldSelector }: WatchCacheOptions) {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
}

function versionOf(event: WatchEvent<KubeObject>): string {
  if (event.type === 'ERROR') return '';
  return event.type === 'BOOKMARK' ? event.resourceVersion : (event.object.metadata.resourceVersion ?? '');
}

function watchError({ status, reason, message }: { status: number; reason: string; message: string }): ApiError {
  return new ApiError(`The watch ended: ${message}`, { status, reason });
}

/** The kind is not installed (any more): what was known is to be listed anew once it is back. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 404;
}

type SilenceAlarm = { signal: AbortSignal; readonly fired: boolean; heard(): void; cancel(): void };

/** Ends a watch on which nothing was heard for too long. The timer is re-armed lazily, so that events cost nothing. */
function createSilenceAlarm(clock: Clock, closing: AbortSignal): SilenceAlarm {
  const silence = new AbortController();
  let heardAt = clock.monotonicMs();
  let fired = false;
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.after(heardAt + SILENCE_MS_MAX - clock.monotonicMs(), () => {
      if (clock.monotonicMs() < heardAt + SILENCE_MS_MAX) {
        arm();
        return;
      }
      fired = true;
      silence.abort(new Error('The watch has been silent for too long'));
    });
  };
  arm();
  return {
    signal: AbortSignal.any([silence.signal, closing]),
    get fired() {
      return fired;
    },
    heard() {
      heardAt = clock.monotonicMs();
    },
    cancel: () => cancel(),
  };
}
