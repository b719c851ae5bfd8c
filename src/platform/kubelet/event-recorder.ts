/** Says on a pod what happened to it, as an Event of the core group; the same thing is said once. */

import type { KubeClient } from '../../kube/kube-client.ts';
import { EVENT } from '../../kube/resource-types.ts';
import { type Clock, toRfc3339 } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Pod } from './pod.ts';

export type Announcement = { type: 'Normal' | 'Warning'; reason: string; message: string };

/** Never throws and never waits: an event that cannot be written is logged. */
export type Announce = (pod: Pod, announcement: Announcement) => void;

export function createEventRecorder(
  client: KubeClient,
  { nodeName, clock, logger }: { nodeName: string; clock: Clock; logger: Logger },
): Announce {
  let count = 0;
  return (pod, { type, reason, message }) => {
    const { namespace, name, uid, resourceVersion } = pod.metadata;
    const at = toRfc3339(clock.now());
    count += 1;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace, name: `${name.slice(0, 220)}.${clock.now().toString(16)}${count.toString(16)}` },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, resourceVersion },
      type,
      reason,
      message: message.slice(0, 1_000),
      source: { component: 'kubelet', host: nodeName },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    client.create(EVENT, event).catch((thrown: unknown) => {
      logger.debug({ pod: name, reason, error: messageOf(thrown) }, 'event not written');
    });
  };
}
