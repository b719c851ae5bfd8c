/** From a folder of manifests to a route table, and one line for everything that somebody should know about. */

import { formatProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import { SluiceError } from '../lib/errors.ts';
import type { CompiledTable } from '../mesh/compile/compile-table.ts';
import type { Caller } from '../mesh/compile/mesh-input.ts';
import { DEFAULT_MESH, type MeshSettings } from '../mesh/schema/mesh-config.ts';
import { compileObjects } from './compile-objects.ts';
import { folderDocuments } from './folder-documents.ts';
import { FolderMemos } from './folder-memos.ts';
import { type MeshFile, readMeshFile } from './read-mesh-file.ts';

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
  /** Those before, which stay in force while the file cannot be read or is not valid. */
  meshBefore?: MeshSettings | undefined;
  /** Addresses of a DNS name, as far as they are known now; absent: a name stands for itself. */
  lookup?: (name: string) => readonly string[];
};

export type FolderTable = {
  table: CompiledTable['table'];
  lines: string[];
  /** As the file of mesh settings has them, else Istio's defaults. */
  mesh: MeshSettings;
  /** Where a gateway is asked to listen; of a sidecar none. */
  gatewayPorts: number[];
};

/**
 * @param memos of earlier readings, which make no difference but to the time that it takes
 * @throws SL0120 when the folder cannot be read, or the mesh settings for the first time; SL0121 when those are not valid then
 */
export async function readFolderTable(
  options: FolderTableOptions,
  memos: FolderMemos = new FolderMemos(() => 0),
): Promise<FolderTable> {
  const { dir, role, caller, strict, lookup } = options;
  const mesh = await readMesh(options);
  const { documents: all, problems } = await readManifests(dir, memos.manifests);
  const { documents, lines, lineOf } = folderDocuments(all, caller.namespace ?? 'default');
  const objects = memos.createdFrom(documents, caller.namespace);
  const settings = { role, caller, strict, ...(mesh && { mesh: mesh.settings }), ...(lookup && { lookup }) };
  const { table, issues, gatewayPorts } = compileObjects(objects, settings, memos.objects);
  return {
    table,
    gatewayPorts,
    mesh: mesh?.settings ?? DEFAULT_MESH,
    lines: [
      ...(mesh?.lines ?? []),
      ...problems.map((problem) => `error SL0121 ${formatProblem(problem)}`),
      ...lines,
      ...issues.map(lineOf),
    ],
  };
}

async function readMesh({ meshPath, meshBefore }: FolderTableOptions): Promise<MeshFile | undefined> {
  if (meshPath === undefined) return undefined;
  try {
    return await readMeshFile(meshPath);
  } catch (thrown) {
    if (meshBefore === undefined || !(thrown instanceof SluiceError)) throw thrown;
    return { settings: meshBefore, lines: [`error ${thrown.code} ${thrown.message}; those before stay in force`] };
  }
}
