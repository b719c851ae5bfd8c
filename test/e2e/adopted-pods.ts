/** The pods of a shop over a crash: those that are still wanted must be the same processes. */

import { join } from 'node:path';
import { POD } from '../../src/kube/resource-types.ts';
import { isRunning } from '../../src/lib/process-identity.ts';
import type { KubeObject } from '../../src/lib/resource.ts';
import { type PodRecord, readPodRecords } from '../../src/platform/kubelet/pod-folder.ts';
import { must } from './must.ts';
import type { Shop } from './shop.ts';

/** What the kubelet has recorded about the pods of a shop. */
export function podsOf({ world, namespace }: Shop): PodRecord[] {
  return readPodRecords(join(world.dataDir, 'pods')).filter((pod) => pod.namespace === namespace);
}

/** Pods that are still wanted have been adopted: they are the same processes, and they run. */
export async function samePods(shop: Shop, before: readonly PodRecord[]): Promise<void> {
  const now = podsOf(shop);
  // Asked for after the records were read: who is wanted now was wanted then, and has not been asked to end.
  const wanted = await wantedPods(shop);
  for (const { uid, name, process, restartCount } of before) {
    const adopted = now.find((pod) => pod.uid === uid);
    if (adopted === undefined || process === undefined || !wanted.has(uid)) continue;
    must(adopted.process?.pid === process.pid, `pod ${name} is still process ${process.pid}`);
    must(adopted.restartCount === restartCount, `pod ${name} was not started again`);
  }
  must(before.length > 0, 'there were pods');
  must(
    now.some(({ process }) => process !== undefined && isRunning(process)),
    'pods run',
  );
}

async function wantedPods({ world, namespace }: Shop): Promise<Set<string | undefined>> {
  const { items } = await world.client.list<KubeObject>(POD, { namespace });
  return new Set(
    items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.uid),
  );
}
