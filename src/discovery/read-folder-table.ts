/** From a folder of manifests to a route table, and one line for everything that somebody should know about. */

import { formatProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import type { KubeObject } from '../lib/resource.ts';
import { type CompiledTable, compileTable } from '../mesh/compile/compile-table.ts';
import type { Caller } from '../mesh/compile/mesh-input.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { gatherMesh } from './gather-mesh.ts';

export type FolderTableOptions = {
  /** A folder, or one file. */
  dir: string;
  /** For whom the table is made. */
  caller: Caller;
  /** Leaves out resources with unknown fields, too. */
  strict: boolean;
};

export type FolderTable = { table: CompiledTable['table']; lines: string[] };

/** @throws SL0120 when the folder cannot be read */
export async function readFolderTable({ dir, caller, strict }: FolderTableOptions): Promise<FolderTable> {
  const { documents, problems } = await readManifests(dir);
  const objects = documents.map(({ object }, index) => aged(object, { index, namespace: caller.namespace }));
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const gathered = gatherMesh({
    services: ofKind('Service'),
    endpointSlices: ofKind('EndpointSlice'),
    virtualServices: ofKind('VirtualService'),
    destinationRules: ofKind('DestinationRule'),
    serviceEntries: ofKind('ServiceEntry'),
    strict,
    pod: () => undefined,
    replicaSet: () => undefined,
    node: () => undefined,
  });
  const { table, issues } = compileTable({ ...gathered.input, caller });
  return { table, lines: [...problems.map(formatProblem), ...[...gathered.issues, ...issues].map(lineOf)] };
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
