/** Kubernetes Events about Canaries, as Flagger writes them: reason `Synced`, a repeated one counts up. */

import { isAlreadyExists, type KubeClient } from '../kube/kube-client.ts';
import { EVENT } from '../kube/resource-types.ts';
import { shortHash } from '../lib/canonical-json.ts';
import { type Clock, toRfc3339 } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeObject } from '../lib/resource.ts';
import type { Announcement } from './announcements.ts';

export type EventRecorder = {
  /** Returns at once; an Event that cannot be written is logged, for it must never hold up a rollout. */
  record(about: KubeObject, announcement: Announcement): void;
  /** Resolves when everything recorded so far is written. */
  flush(): Promise<void>;
};

type EventObject = KubeObject & { count?: number };

/** The name is made of what the Event says, so that the same Event is found again, also after a restart. */
export function createEventRecorder({
  client,
  clock,
  logger,
}: {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
}): EventRecorder {
  let written: Promise<void> = Promise.resolve();

  const write = async (about: KubeObject, { type, message }: Announcement) => {
    const namespace = about.metadata.namespace ?? 'default';
    const name = `${about.metadata.name}.${shortHash([about.metadata.uid, type, message])}`;
    const at = toRfc3339(clock.now());
    const event: EventObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: involved(about),
      ...{ type, reason: 'Synced', message, count: 1 },
      source: { component: 'sluice' },
      reportingComponent: 'sluice',
      reportingInstance: '',
      firstTimestamp: at,
      lastTimestamp: at,
    };
    try {
      await client.create(EVENT, event);
    } catch (thrown) {
      // Most Events are new, so looking first would cost every one of them a request.
      if (!isAlreadyExists(thrown)) throw thrown;
      const known = await client.get<EventObject>(EVENT, { namespace, name });
      const patch = { count: (known?.count ?? 1) + 1, lastTimestamp: at };
      await client.patch(EVENT, { namespace, name }, patch, { strategy: 'merge' });
    }
  };

  return {
    record(about, announcement) {
      written = written
        .then(() => write(about, announcement))
        .catch((thrown: unknown) => logger.warn({ error: messageOf(thrown) }, 'event not written'));
    },
    flush: () => written,
  };
}

function involved({ apiVersion, kind, metadata }: KubeObject) {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}
