/** What analyzers look at: all objects by kind, and the workloads that selectors may mean. */

import type { KubeObject } from '../../lib/resource.ts';
import { fieldsOf, mapOf, textOf } from './loose-fields.ts';

/** Pods that run, or that a Deployment of the same folder would start. */
export type Workload = {
  name: string;
  namespace: string;
  /** Its own, and where its node stands, as Istio adds it. */
  labels: Readonly<Record<string, string>>;
};

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
    labels: { ...mapOf(pod.metadata.labels), ...placeOf(textOf(fieldsOf(pod.spec).nodeName), ofKind('Node')) },
  }));
  return { ofKind, workloads: [...pods, ...templates], meshConfig };
}

const PLACE_LABELS = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

function placeOf(nodeName: string, nodes: readonly KubeObject[]): Readonly<Record<string, string>> {
  const node = nodes.find(({ metadata }) => metadata.name === nodeName);
  if (node === undefined) return {};
  const labels = mapOf(node.metadata.labels);
  const places = PLACE_LABELS.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]]));
  return { ...Object.fromEntries(places), 'kubernetes.io/hostname': nodeName };
}

export function namespaceOf({ metadata }: KubeObject): string {
  return metadata.namespace ?? 'default';
}

/** `namespace/name`. */
export function fullNameOf(object: KubeObject): string {
  return `${namespaceOf(object)}/${object.metadata.name}`;
}
