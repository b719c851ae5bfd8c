/** A kubelet without processes: gives every pod an address, calls it ready when told to, and lets deleted ones go. */

import type { KubeClient } from '../../../src/kube/kube-client.ts';
import { POD } from '../../../src/kube/resource-types.ts';
import { createWatchCache } from '../../../src/kube/watch-cache.ts';
import { createWorkQueue } from '../../../src/kube/work-queue.ts';
import { systemClock, toRfc3339 } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { objectKey } from '../../../src/lib/resource.ts';
import type { Pod } from '../../../src/platform/controllers/workload-objects.ts';

const NODE_NAME = 'test-node';

/** @param becomesReady whether a pod is made ready; asked whenever the pod changes */
export function startApiKubelet(client: KubeClient, becomesReady: (pod: Pod) => boolean) {
  const tools = { clock: systemClock, random: () => 0.5, logger: silentLogger };
  const pods = createWatchCache<Pod>(client, POD, tools);
  let lastAddress = 0;

  const process = async (key: string): Promise<undefined> => {
    const [namespace = '', name = ''] = key.split('/');
    const pod = pods.get(namespace, name);
    if (pod === undefined) return;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await client.delete(POD, { namespace, name }, { gracePeriodSeconds: 0 });
    } else if (pod.spec.nodeName === undefined) {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace },
        target: { kind: 'Node', name: NODE_NAME },
      };
      await client.create(POD, binding, { subresource: 'binding' });
    } else if (pod.status?.podIP === undefined && becomesReady(pod)) {
      lastAddress++;
      const podIP = `10.244.0.${lastAddress}`;
      const at = toRfc3339(systemClock.now());
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: at }];
      const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
      await client.patch(POD, { namespace, name }, { status }, { strategy: 'merge', subresource: 'status' });
    }
    return undefined;
  };

  const queue = createWorkQueue({ ...tools, backoff: { baseMs: 20, maxMs: 500, jitter: 0 }, concurrency: 4, process });
  pods.onChange(({ object }) => queue.add(objectKey(object.metadata)));
  return {
    pods,
    /** Looks at every pod again, after the answer of `becomesReady` changed. */
    look: () => {
      for (const { metadata } of pods.list()) queue.add(objectKey(metadata));
    },
    async close() {
      pods.close();
      await queue.close();
    },
  };
}
