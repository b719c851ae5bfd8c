/** What has to be done from time to time: events live an hour, as in Kubernetes, and the log is kept short. */

import type { EpochMs } from '../../../lib/clock.ts';
import { messageOf } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { textAt } from '../builtin/field-access.ts';

const EVERY_MS = 60_000;
const EVENT_TTL_MS = 3_600_000;

/** Begins; the returned function ends it. */
export function keepHouse({ store, clock, logger }: ApiContext): () => void {
  let cancel = () => {};
  const later = () => {
    cancel = clock.after(EVERY_MS, () => {
      try {
        store.compact();
        for (const event of store.list('events')) {
          if (clock.now() - lastSeenAt(event.object) > EVENT_TTL_MS) store.remove(event);
        }
      } catch (thrown) {
        logger.error({ error: messageOf(thrown) }, 'housekeeping failed');
      }
      later();
    });
  };
  later();
  return () => cancel();
}

/** The newest instant that an event names. */
export function lastSeenAt(event: KubeObject): EpochMs {
  const instants = [
    textAt(event, 'series', 'lastObservedTime'),
    textAt(event, 'lastTimestamp'),
    textAt(event, 'deprecatedLastTimestamp'),
    textAt(event, 'eventTime'),
    event.metadata.creationTimestamp,
  ].map((text) => Date.parse(text ?? ''));
  return Math.max(0, ...instants.filter((instant) => !Number.isNaN(instant)));
}
