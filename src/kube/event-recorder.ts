/**
 * Writes Kubernetes Events about objects. The name of an Event is made of what it says, so that what is said again is found again,
 * also after a restart, and counts up instead of filling the list.
 */

import { shortHash } from '../lib/canonical-json.ts';
import { type Clock, type EpochMs, toRfc3339 } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type KubeObject, objectKey } from '../lib/resource.ts';
import { isAlreadyExists, isNotFound, type KubeClient } from './kube-client.ts';
import { EVENT } from './resource-types.ts';

export type Announcement = { type: 'Normal' | 'Warning'; reason: string; message: string };

export type EventRecorder = {
  /** Returns at once; an Event that cannot be written is logged and given up, for it must never hold up work. */
  record(about: KubeObject, announcement: Announcement): void;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
};

/** Who says it: `{ component: 'kubelet', host: 'node-1' }`. */
export type EventSource = { component: string; host?: string };

type EventObject = KubeObject & { count?: number };
/** How often something was said, and when that was last written down. */
type Said = { count: number; writtenAt: EpochMs };

// Beyond this the oldest are forgotten here; the API server still has their count.
const REMEMBERED_MAX = 500;

/** A probe that fails every second is not worth a write every second: beyond the first few, counts are brought up to date now and then. */
const WRITTEN_AT_ONCE_MAX = 10;
const COUNT_UPDATE_MS = 30_000;

/** Longer ones are refused by API servers (core/v1 Event: 1,024 characters). */
const MESSAGE_LENGTH_MAX = 1_024;
/** A name has 253 characters at most, of which the hash and its dot take 13. */
const ABOUT_LENGTH_MAX = 240;

/** Events of one recorder are written one after the other, in the order in which they were recorded. */
export function createEventRecorder(
  { client, clock, logger }: { client: KubeClient; clock: Clock; logger: Logger },
  source: EventSource,
): EventRecorder {
  const said = new Map<string, Said>();
  let written: Promise<void> = Promise.resolve();

  const write = async (event: EventObject, at: EpochMs): Promise<void> => {
    const key = objectKey(event.metadata);
    const before = said.get(key);
    try {
      if (before !== undefined && !isWorthWriting(before, at)) before.count += 1;
      else remember(said, key, { count: await tell(client, event, before?.count), writtenAt: at });
    } catch (thrown) {
      said.delete(key);
      throw thrown;
    }
  };

  return {
    record(about, announcement) {
      const at = clock.now();
      const event = eventOf(about, { announcement, at: toRfc3339(at), source });
      written = written
        .then(() => write(event, at))
        .catch((thrown: unknown) =>
          logger.warn({ reason: announcement.reason, error: messageOf(thrown) }, 'event not written'),
        );
    },
    flush: () => written,
  };
}

function isWorthWriting({ count, writtenAt }: Said, at: EpochMs): boolean {
  return count < WRITTEN_AT_ONCE_MAX || COUNT_UPDATE_MS <= at - writtenAt;
}

/** @returns how often it has been said by now; `before` is what is known of that here */
async function tell(client: KubeClient, event: EventObject, before: number | undefined): Promise<number> {
  if (before !== undefined && (await countUp(client, event, before + 1))) return before + 1;
  try {
    // Most Events are new, so looking first would cost every one of them a request.
    await client.create(EVENT, event);
    return 1;
  } catch (thrown) {
    if (!isAlreadyExists(thrown)) throw thrown;
  }
  const known = await client.get<EventObject>(EVENT, event.metadata);
  const count = (known?.count ?? 0) + 1;
  await countUp(client, event, count);
  return count;
}

/** @returns whether the Event was still there: API servers drop old ones */
async function countUp(client: KubeClient, { metadata, lastTimestamp }: EventObject, count: number): Promise<boolean> {
  try {
    await client.patch(EVENT, metadata, { count, lastTimestamp }, { strategy: 'merge' });
    return true;
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
    return false;
  }
}

function remember(said: Map<string, Said>, key: string, now: Said): void {
  said.set(key, now);
  if (said.size <= REMEMBERED_MAX) return;
  for (const oldest of said.keys()) {
    said.delete(oldest);
    return;
  }
}

function eventOf(
  { apiVersion, kind, metadata }: KubeObject,
  { announcement, at, source }: { announcement: Announcement; at: string; source: EventSource },
): EventObject {
  const { name, namespace, uid, resourceVersion } = metadata;
  const { type, reason, message } = announcement;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, ABOUT_LENGTH_MAX)}.${shortHash([kind, uid, source, type, reason, message])}`,
      namespace: namespace ?? 'default',
    },
    involvedObject: {
      ...{ apiVersion, kind, name },
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    ...{ type, reason, message: message.slice(0, MESSAGE_LENGTH_MAX) },
    source,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
