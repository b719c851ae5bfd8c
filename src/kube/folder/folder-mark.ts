/**
 * How an object shows that it was applied from a folder, so that it may be deleted when its manifest is: a label to find it by, and an
 * annotation with its own identity. Labels and annotations are copied by controllers (a Service's to its EndpointSlices); a copy
 * has another identity, and is never taken for ours. Pure.
 */

import { createHash } from 'node:crypto';
import type { KubeObject } from '../../lib/resource.ts';

/** Whose folder: a short hash of its path, so that two folders never delete each other's objects. */
export const FOLDER_LABEL = 'sluice.dev/folder';
export const APPLIED_ANNOTATION = 'sluice.dev/applied';

export function folderId(absolutePath: string): string {
  return createHash('sha256').update(absolutePath).digest('hex').slice(0, 16);
}

/** Kind, group and name: the same whatever version of the API the manifest speaks. */
export function identityOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${kind}${group} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The object with the mark of `folder`; its namespace must be filled in already. */
export function marked(object: KubeObject, folder: string): KubeObject {
  const labels = { ...object.metadata.labels, [FOLDER_LABEL]: folder };
  const annotations = { ...object.metadata.annotations, [APPLIED_ANNOTATION]: identityOf(object) };
  return { ...object, metadata: { ...object.metadata, labels, annotations } };
}

export function isMarked(object: KubeObject, folder: string): boolean {
  const { labels, annotations, ownerReferences = [], deletionTimestamp } = object.metadata;
  return (
    labels?.[FOLDER_LABEL] === folder &&
    annotations?.[APPLIED_ANNOTATION] === identityOf(object) &&
    ownerReferences.length === 0 &&
    deletionTimestamp === undefined
  );
}
