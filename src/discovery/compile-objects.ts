/** From objects of any source, all kinds together, to a route table and everything there is to say about them. Pure. */

import { type KubeObject, objectKey } from '../lib/resource.ts';
import { CompileMemos } from '../mesh/compile/compile-memos.ts';
import { type CompiledTable, compileTable } from '../mesh/compile/compile-table.ts';
import { gatewayPorts } from '../mesh/compile/gateway-hosts.ts';
import type { MeshInput } from '../mesh/compile/mesh-input.ts';
import type { MeshSettings } from '../mesh/schema/mesh-config.ts';
import { GatherMemos, gatherMesh, type MeshObjects } from './gather-mesh.ts';
import { isOperator, operatorMesh } from './operator-mesh.ts';

export type CompileOptions = Required<Pick<MeshInput, 'caller' | 'role'>> & {
  /** Absent: what an IstioOperator among the objects says, else Istio's defaults. */
  mesh?: MeshSettings;
  /** As of `MeshObjects`. */
  lookup?: (name: string) => readonly string[];
  /** Leaves out resources with unknown fields, too. */
  strict: boolean;
};

export type CompiledObjects = CompiledTable & {
  /** Where a gateway is asked to listen; of a sidecar none. */
  gatewayPorts: number[];
};

/** What is kept from one table to the next. */
export class ObjectMemos {
  readonly gather = new GatherMemos();
  readonly compile = new CompileMemos();
}

/** @param memos make no difference but to the time that it takes, as long as objects are replaced and never changed */
export function compileObjects(
  objects: readonly KubeObject[],
  { role, caller, strict, mesh, lookup }: CompileOptions,
  memos: ObjectMemos = new ObjectMemos(),
): CompiledObjects {
  const byKind = Map.groupBy(objects, ({ kind }) => kind);
  const named = (kind: string) =>
    new Map((byKind.get(kind) ?? []).map((object) => [objectKey(object.metadata), object]));
  const [pods, replicaSets, nodes] = [named('Pod'), named('ReplicaSet'), named('Node')];
  // Thousands of objects have a handful of versions.
  const versions = new Set(objects.map(({ apiVersion }) => apiVersion));
  const isIstio = new Map([...versions].map((each) => [each, !isNeighbour(each) && !isOperator(each)]));
  const mixed: MeshObjects = {
    // Other groups have Services, too.
    services: (byKind.get('Service') ?? []).filter(({ apiVersion }) => apiVersion === 'v1'),
    endpointSlices: byKind.get('EndpointSlice') ?? [],
    istio: objects.filter(({ apiVersion }) => isIstio.get(apiVersion)),
    strict,
    ...(lookup && { lookup }),
    pod: (namespace, name) => pods.get(objectKey({ namespace, name })),
    podsOf: (namespace) => (byKind.get('Pod') ?? []).filter(({ metadata }) => metadata.namespace === namespace),
    replicaSet: (namespace, name) => replicaSets.get(objectKey({ namespace, name })),
    node: (name) => nodes.get(name),
  };
  const gathered = gatherMesh(mixed, memos.gather);
  const ofOperator = mesh === undefined ? operatorMesh(objects) : undefined;
  const settings = mesh ?? ofOperator?.settings;
  const input = { ...gathered.input, role, caller, ...(settings && { mesh: settings }) };
  const { table, issues } = compileTable(input, memos.compile);
  const ports = role === 'gateway' ? gatewayPorts(gathered.input.gateways ?? [], caller.labels ?? {}) : [];
  return { table, issues: [...gathered.issues, ...(ofOperator?.issues ?? []), ...issues], gatewayPorts: ports };
}

/** Of the controller, which the proxy knows nothing of. */
const OWN_GROUPS = ['flagger.app', 'sluice.dev'];

/**
 * Groups of Kubernetes itself have no domain, or one of `k8s.io`; its kinds, and those of the controller, may stand beside Istio's
 * without a word.
 */
function isNeighbour(apiVersion: string): boolean {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return !group.includes('.') || group.endsWith('.k8s.io') || OWN_GROUPS.includes(group);
}
