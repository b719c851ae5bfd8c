/** What metrics say about the workload behind a pod: Pod → ReplicaSet → Deployment by owner references (design.md §9). */

import type { KubeObject } from '../lib/resource.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';

/** Istio's word for a label that nobody has set. */
const UNKNOWN = 'unknown';

/** @param replicaSet the pod's owner, when it is known; without it the name is cut at the pod template hash */
export function workloadLabels(pod: KubeObject, replicaSet: KubeObject | undefined): WorkloadLabels {
  const { name, namespace = '', labels = {} } = pod.metadata;
  const workload = workloadName(pod, replicaSet) ?? name;
  const app = labels.app ?? labels['app.kubernetes.io/name'];
  const version = labels.version ?? labels['app.kubernetes.io/version'];
  return {
    workload,
    namespace,
    app: app ?? UNKNOWN,
    version: version ?? UNKNOWN,
    canonicalService: labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? app ?? workload,
    canonicalRevision: labels['service.istio.io/canonical-revision'] ?? version ?? 'latest',
  };
}

/** What is said about an endpoint without a pod. */
export function unknownWorkload(namespace: string, service: string): WorkloadLabels {
  return {
    workload: UNKNOWN,
    namespace,
    app: UNKNOWN,
    version: UNKNOWN,
    canonicalService: service,
    canonicalRevision: 'latest',
  };
}

function workloadName({ metadata }: KubeObject, replicaSet: KubeObject | undefined): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== 'ReplicaSet') return owner?.name;
  const deployment = replicaSet?.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (deployment !== undefined) return deployment.name;
  const suffix = `-${metadata.labels?.['pod-template-hash'] ?? ''}`;
  return suffix.length > 1 && owner.name.endsWith(suffix) ? owner.name.slice(0, -suffix.length) : owner.name;
}
