/** Writes Kubernetes Events about objects; a repeated one counts up instead of filling the list. */

import { type Clock, toRfc3339 } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeObject } from '../lib/resource.ts';
import type { KubeClient } from './kube-client.ts';
import { EVENT } from './resource-types.ts';

export type Announcement = { type: 'Normal' | 'Warning'; reason: string; message: string };

export interface EventRecorder {
  /** Returns at once; an Event that cannot be written is logged and given up, for it must never hold up work. */
  record(about: KubeObject, announcement: Announcement): void;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
}

type Seen = { name: string; count: number };

// Beyond this the oldest are forgotten; their repetition starts a new Event.
const REMEMBERED_MAX = 500;

/** Longer ones are refused by API servers (core/v1 Event: 1,024 characters). */
const MESSAGE_LENGTH_MAX = 1_024;
/** A name has 253 characters at most, of which the recorder's own part takes 17. */
const ABOUT_LENGTH_MAX = 236;

/** Who says it: `{ component: 'kubelet', host: 'node-1' }`. */
export type EventSource = { component: string; host?: string };

/** Events of one recorder are written one after the other, in the order in which they were recorded. */
export function createEventRecorder(
  { client, clock, random, logger }: { client: KubeClient; clock: Clock; random: () => number; logger: Logger },
  source: EventSource,
): EventRecorder {
  const seen = new Map<string, Seen>();
  let written: Promise<void> = Promise.resolve();

  const write = async (about: KubeObject, announcement: Announcement) => {
    const { metadata } = about;
    const key = JSON.stringify([metadata.uid, announcement]);
    const namespace = metadata.namespace ?? 'default';
    const at = toRfc3339(clock.now());
    const before = seen.get(key);
    if (before !== undefined) {
      const count = before.count + 1;
      const patch = { count, lastTimestamp: at };
      await client.patch(EVENT, { namespace, name: before.name }, patch, { strategy: 'merge' });
      seen.set(key, { name: before.name, count });
      return;
    }
    const name = `${metadata.name.slice(0, ABOUT_LENGTH_MAX)}.${randomHex(random)}`;
    await client.create(EVENT, eventOf(about, { announcement, name, namespace, at, source }));
    remember(seen, key, { name, count: 1 });
  };

  return {
    record(about, announcement) {
      written = written
        .then(() => write(about, announcement))
        .catch((thrown: unknown) => {
          seen.delete(JSON.stringify([about.metadata.uid, announcement]));
          logger.warn({ reason: announcement.reason, error: messageOf(thrown) }, 'event not written');
        });
    },
    flush: () => written,
  };
}

function remember(seen: Map<string, Seen>, key: string, entry: Seen): void {
  seen.set(key, entry);
  if (seen.size <= REMEMBERED_MAX) return;
  for (const oldest of seen.keys()) {
    seen.delete(oldest);
    return;
  }
}

function randomHex(random: () => number): string {
  const part = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return `${part()}${part()}`;
}

function eventOf(
  { apiVersion, kind, metadata }: KubeObject,
  parts: { announcement: Announcement; name: string; namespace: string; at: string; source: EventSource },
): KubeObject {
  const { announcement, name, namespace, at, source } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    },
    ...announcement,
    message: announcement.message.slice(0, MESSAGE_LENGTH_MAX),
    source,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
