/** From a folder of manifests to a route table, and one line for everything that somebody should know about. */

import { formatProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import type { KubeObject } from '../lib/resource.ts';
import { type CompiledTable, compileTable } from '../mesh/compile/compile-table.ts';
import { gatewayPorts } from '../mesh/compile/gateway-hosts.ts';
import type { Caller } from '../mesh/compile/mesh-input.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { gatherMesh } from './gather-mesh.ts';

export type FolderTableOptions = {
  /** A folder, or one file. */
  dir: string;
  role: 'sidecar' | 'gateway';
  /** For whom the table is made: the caller beside whom the proxy stands, or the gateway. */
  caller: Caller;
  /** Leaves out resources with unknown fields, too. */
  strict: boolean;
};

export type FolderTable = {
  table: CompiledTable['table'];
  lines: string[];
  /** Where a gateway is asked to listen; of a sidecar none. */
  gatewayPorts: number[];
};

/** @throws SL0120 when the folder cannot be read */
export async function readFolderTable({ dir, role, caller, strict }: FolderTableOptions): Promise<FolderTable> {
  const { documents, problems } = await readManifests(dir);
  const objects = documents.map(({ object }, index) => aged(object, { index, namespace: caller.namespace }));
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const gathered = gatherMesh({
    services: ofKind('Service'),
    endpointSlices: ofKind('EndpointSlice'),
    istio: objects.filter(({ apiVersion }) => apiVersion.includes('istio.io/')),
    strict,
    pod: () => undefined,
    replicaSet: () => undefined,
    node: () => undefined,
  });
  const { table, issues } = compileTable({ ...gathered.input, role, caller });
  const ports = role === 'gateway' ? gatewayPorts(gathered.input.gateways ?? [], caller.labels ?? {}) : [];
  return {
    table,
    gatewayPorts: ports,
    lines: [...problems.map(formatProblem), ...[...gathered.issues, ...issues].map(lineOf)],
  };
}

// The age of what was never created anywhere is its place in the folder, behind everything that has one.
function aged(object: KubeObject, { index, namespace }: { index: number; namespace: string | undefined }): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? namespace ?? 'default',
      creationTimestamp: metadata.creationTimestamp ?? `~${String(index).padStart(9, '0')}`,
    },
  };
}

function lineOf({ level, code, kind, namespace, name, path, message }: TableIssue): string {
  return `${level} ${code} ${kind} ${namespace}/${name}: ${path}: ${message}`;
}
