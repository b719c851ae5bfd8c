/** What analyzers look at: all objects by kind, and the workloads that selectors may mean. */

import type { KubeObject } from '../../lib/resource.ts';
import { fieldsOf, mapOf } from './loose-fields.ts';

/** Pods that run, or that a Deployment of the same folder would start. */
export type Workload = { name: string; namespace: string; labels: Readonly<Record<string, string>> };

export type AnalyzedWorld = {
  ofKind(kind: string): readonly KubeObject[];
  workloads: readonly Workload[];
  /** Istio's MeshConfig, as far as analyzers ask for it. */
  meshConfig: unknown;
};

export function createWorld(objects: readonly KubeObject[], meshConfig: unknown = {}): AnalyzedWorld {
  const byKind = Map.groupBy(objects, ({ kind }) => kind);
  const ofKind = (kind: string) => byKind.get(kind) ?? [];
  const templates = ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap(ofKind).map((owner) => ({
    name: owner.metadata.name,
    namespace: namespaceOf(owner),
    labels: mapOf(fieldsOf(fieldsOf(fieldsOf(owner.spec).template).metadata).labels),
  }));
  const pods = ofKind('Pod').map((pod) => ({
    name: pod.metadata.name,
    namespace: namespaceOf(pod),
    labels: mapOf(pod.metadata.labels),
  }));
  return { ofKind, workloads: [...pods, ...templates], meshConfig };
}

export function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? 'default';
}

/** `namespace/name`. */
export function fullNameOf(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}`;
}
