/** Pods as endpoints: where they listen, what they are, and which of them may be sent traffic. */

import { type KubeObject, objectKey } from '../lib/resource.ts';
import type { ServiceEndpoint } from '../mesh/compile/mesh-input.ts';
import { endpointAddress, isProcessNode } from './endpoint-address.ts';
import { endpointLocality } from './endpoint-locality.ts';
import { workloadLabels } from './workload-labels.ts';

/** What a pod stands on; objects are asked for by `namespace/name`. */
export type PodSurroundings = {
  replicaSet: (key: string) => KubeObject | undefined;
  node: (name: string) => KubeObject | undefined;
};

type PodStatus = { podIP?: string; conditions?: { type?: string; status?: string }[] };

/** @returns `undefined` while nobody can say where the pod listens */
export function podEndpoint(
  pod: KubeObject,
  { ip, port, nodeName }: { ip: string; port: number; nodeName: string },
  asked: PodSurroundings,
): ServiceEndpoint | undefined {
  const node = asked.node(nodeName);
  const address = endpointAddress({ ip, port, pod, isProcessNode: isProcessNode(node) });
  if (address === undefined) return undefined;
  const locality = endpointLocality(pod, node);
  const workload = workloadLabels(pod, ownerOf(pod, asked));
  const where = locality === undefined ? {} : { locality };
  return { address, ready: true, labels: pod.metadata.labels ?? {}, workload, ...where };
}

/** The pod on a port by what it says of itself, as a ServiceEntry reaches it; nobody else has judged whether it is ready. */
export function selectedPodEndpoint(
  pod: KubeObject,
  port: number,
  asked: PodSurroundings,
): ServiceEndpoint | undefined {
  const { podIP: ip = '' } = (pod.status ?? {}) as PodStatus;
  const { nodeName = '' } = (pod.spec ?? {}) as { nodeName?: string };
  return podEndpoint(pod, { ip, port, nodeName }, asked);
}

/** Pods with all of the labels that are ready, and not about to go; no labels select none. */
export function selectPods(pods: readonly KubeObject[], labels: Readonly<Record<string, string>>): KubeObject[] {
  const wanted = Object.entries(labels);
  if (wanted.length === 0) return [];
  return pods.filter((pod) => isReady(pod) && wanted.every(([name, value]) => pod.metadata.labels?.[name] === value));
}

function isReady({ metadata, status }: KubeObject): boolean {
  const { podIP, conditions = [] } = (status ?? {}) as PodStatus;
  const saysReady = conditions.some(({ type, status: answer }) => type === 'Ready' && answer === 'True');
  return metadata.deletionTimestamp === undefined && podIP !== undefined && saysReady;
}

function ownerOf({ metadata }: KubeObject, { replicaSet }: PodSurroundings): KubeObject | undefined {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet');
  return owner === undefined
    ? undefined
    : replicaSet(objectKey({ namespace: metadata.namespace ?? '', name: owner.name }));
}
