/** The documents of a folder by what they declare: which of two is in force, and where an issue about a resource stands. Pure. */

import { formatPlace, type ManifestDocument } from '../kube/folder/manifest.ts';
import type { KubeObject } from '../lib/resource.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';

export type FolderDocuments = {
  /** In the order of the folder, each resource once. */
  documents: readonly ManifestDocument[];
  /** A line for each document that a later one replaces. */
  lines: string[];
  /** The issue as a line, with the place of its field. */
  lineOf(issue: TableIssue): string;
};

/** @param namespace of documents that name none */
export function folderDocuments(all: readonly ManifestDocument[], namespace: string): FolderDocuments {
  const latest = new Map<string, ManifestDocument>();
  const lines: string[] = [];
  for (const document of all) {
    const { apiVersion } = document.object;
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
    const name = nameOf(document.object, namespace);
    const key = `${group}/${name}`;
    const older = latest.get(key);
    if (older !== undefined) {
      const message = `must be declared once: the one at ${placeOf(older, 'metadata.name')} is replaced`;
      lines.push(`warning SL0326 ${name}: ${message} (${placeOf(document, 'metadata.name')})`);
    }
    // Deleted first, so that it stands where the later one does.
    latest.delete(key);
    latest.set(key, document);
  }
  let byName: ReadonlyMap<string, ManifestDocument> | undefined;
  return {
    documents: [...latest.values()],
    lines,
    lineOf({ level, code, kind, namespace: own, name, path, message }) {
      byName ??= new Map([...latest.values()].map((each) => [nameOf(each.object, namespace), each]));
      const document = byName.get(`${kind} ${own}/${name}`);
      const place = document === undefined ? '' : ` (${placeOf(document, path)})`;
      return `${level} ${code} ${kind} ${own}/${name}: ${path}: ${message}${place}`;
    },
  };
}

function nameOf({ kind, metadata }: KubeObject, namespace: string): string {
  return `${kind} ${metadata.namespace ?? namespace}/${metadata.name}`;
}

function placeOf({ file, positionOf }: ManifestDocument, path: string): string {
  return formatPlace({ file, ...positionOf(path) });
}
