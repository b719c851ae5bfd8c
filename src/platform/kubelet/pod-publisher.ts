/** Writes what the kubelet knows of one pod into its Pod, and only what has changed: where it listens, and its status. */

import { isConflict, isNotFound, type KubeClient } from '../../kube/kube-client.ts';
import { LISTEN_ANNOTATION } from '../../kube/listen-annotation.ts';
import { POD } from '../../kube/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ListenPorts, Pod, PodStatus } from './pod.ts';
import { type PodView, podStatus } from './pod-status.ts';

export type PodPublisher = {
  /** Invariant: whoever sees the pod Ready can already see where it listens, so this comes before the status. */
  publishPorts(pod: Pod, listen: ListenPorts): Promise<void>;
  publishStatus(pod: Pod, view: PodView): Promise<void>;
};

export function createPodPublisher(client: KubeClient, clock: Clock): PodPublisher {
  let written: PodStatus | undefined;
  return {
    async publishPorts({ metadata }, listen) {
      const addresses = Object.entries(listen).map(([port, real]) => [port, `127.0.0.1:${real}`]);
      const value = JSON.stringify(Object.fromEntries(addresses));
      if (metadata.annotations?.[LISTEN_ANNOTATION] === value) return;
      const patch = { metadata: { uid: metadata.uid, annotations: { [LISTEN_ANNOTATION]: value } } };
      await client.patch(POD, metadata, patch, { strategy: 'merge' });
    },
    async publishStatus(pod, view) {
      const status = podStatus({ ...pod, status: written ?? pod.status ?? {} }, view, clock.now());
      if (JSON.stringify(status) === JSON.stringify(written)) return;
      const patch = { metadata: { uid: pod.metadata.uid }, status };
      try {
        await client.patch(POD, pod.metadata, patch, { strategy: 'merge', subresource: 'status' });
        written = status;
      } catch (thrown) {
        // Gone, or another pod of the same name: the watch tells.
        if (!isNotFound(thrown) && !isConflict(thrown)) throw thrown;
      }
    },
  };
}
