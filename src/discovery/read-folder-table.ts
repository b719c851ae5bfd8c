/** From a folder of manifests to a route table, and one line for everything that somebody should know about. */

import { formatProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import type { CompiledTable } from '../mesh/compile/compile-table.ts';
import type { Caller } from '../mesh/compile/mesh-input.ts';
import { requestReading } from '../mesh/compile/request-reading.ts';
import { DEFAULT_READING, type RequestReading } from '../mesh/table/request-reading.ts';
import { asCreated } from './as-created.ts';
import { compileObjects } from './compile-objects.ts';
import { folderDocuments } from './folder-documents.ts';
import { readMeshFile } from './read-mesh-file.ts';

export type FolderTableOptions = {
  /** A folder, or one file. */
  dir: string;
  role: 'sidecar' | 'gateway';
  /** For whom the table is made: the caller beside whom the proxy stands, or the gateway. */
  caller: Caller;
  /** Leaves out resources with unknown fields, too. */
  strict: boolean;
  /** A file with mesh settings. */
  meshPath?: string;
  /** Addresses of a DNS name, as far as they are known now; absent: a name stands for itself. */
  lookup?: (name: string) => readonly string[];
};

export type FolderTable = {
  table: CompiledTable['table'];
  lines: string[];
  /** How the mesh settings want requests to be read. */
  reading: RequestReading;
  /** Where a gateway is asked to listen; of a sidecar none. */
  gatewayPorts: number[];
};

/** @throws SL0120 when the folder or the mesh settings cannot be read, SL0121 when those are not valid */
export async function readFolderTable(options: FolderTableOptions): Promise<FolderTable> {
  const { dir, role, caller, strict, meshPath, lookup } = options;
  const mesh = meshPath === undefined ? undefined : await readMeshFile(meshPath);
  const { documents: all, problems } = await readManifests(dir);
  const { documents, lines, lineOf } = folderDocuments(all, caller.namespace ?? 'default');
  const objects = documents.map(({ object }, index) => asCreated(object, { index, namespace: caller.namespace }));
  const { table, issues, gatewayPorts } = compileObjects(objects, {
    role,
    caller,
    strict,
    ...(mesh && { mesh: mesh.settings }),
    ...(lookup && { lookup }),
  });
  return {
    table,
    gatewayPorts,
    reading: mesh === undefined ? DEFAULT_READING : requestReading(mesh.settings),
    lines: [
      ...(mesh?.lines ?? []),
      ...problems.map((problem) => `error SL0121 ${formatProblem(problem)}`),
      ...lines,
      ...issues.map(lineOf),
    ],
  };
}
