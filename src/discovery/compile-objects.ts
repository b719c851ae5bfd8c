/** From objects of any source, all kinds together, to a route table and everything there is to say about them. Pure. */

import { type KubeObject, objectKey } from '../lib/resource.ts';
import { type CompiledTable, compileTable } from '../mesh/compile/compile-table.ts';
import { gatewayPorts } from '../mesh/compile/gateway-hosts.ts';
import type { MeshInput } from '../mesh/compile/mesh-input.ts';
import type { MeshSettings } from '../mesh/schema/mesh-config.ts';
import { gatherMesh } from './gather-mesh.ts';
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

export function compileObjects(
  objects: readonly KubeObject[],
  { role, caller, strict, mesh, lookup }: CompileOptions,
): CompiledObjects {
  const byKind = Map.groupBy(objects, ({ kind }) => kind);
  const named = (kind: string) =>
    new Map((byKind.get(kind) ?? []).map((object) => [objectKey(object.metadata), object]));
  const [pods, replicaSets, nodes] = [named('Pod'), named('ReplicaSet'), named('Node')];
  const gathered = gatherMesh({
    // Other groups have Services, too.
    services: (byKind.get('Service') ?? []).filter(({ apiVersion }) => apiVersion === 'v1'),
    endpointSlices: byKind.get('EndpointSlice') ?? [],
    istio: objects.filter(({ apiVersion }) => !isNeighbour(apiVersion) && !isOperator(apiVersion)),
    strict,
    ...(lookup && { lookup }),
    pod: (namespace, name) => pods.get(objectKey({ namespace, name })),
    replicaSet: (namespace, name) => replicaSets.get(objectKey({ namespace, name })),
    node: (name) => nodes.get(name),
  });
  const ofOperator = mesh === undefined ? operatorMesh(objects) : undefined;
  const settings = mesh ?? ofOperator?.settings;
  const { table, issues } = compileTable({ ...gathered.input, role, caller, ...(settings && { mesh: settings }) });
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
