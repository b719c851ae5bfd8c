/** Deletes what was applied from a folder and has no manifest there any more. */

import type { KubeObject } from '../../lib/resource.ts';
import type { KubeClient } from '../kube-client.ts';
import { FOLDER_LABEL, identityOf, isMarked } from './folder-mark.ts';
import { servedTypes } from './served-types.ts';

// With these go objects that others made; a person has to delete them.
const KEPT = new Set(['Namespace', 'CustomResourceDefinition']);

/**
 * Deletes the objects with the mark of `folder` that are not among `wanted`.
 *
 * @param wanted identities (`identityOf`) of everything in the folder, broken manifests included
 * @returns what was deleted
 */
export async function pruneFolder(
  client: KubeClient,
  { folder, wanted }: { folder: string; wanted: ReadonlySet<string> },
): Promise<KubeObject[]> {
  const types = (await servedTypes(client)).filter(({ verbs, kind }) => verbs.includes('delete') && !KEPT.has(kind));
  const pruned = new Map<string, KubeObject>();
  for (const type of types.filter(({ verbs }) => verbs.includes('list'))) {
    const { items } = await client.list(type, { labelSelector: `${FOLDER_LABEL}=${folder}` });
    for (const object of items.filter((item) => isMarked(item, folder) && !wanted.has(identityOf(item)))) {
      // One object may be served in several versions.
      if (pruned.has(identityOf(object))) continue;
      const { uid } = object.metadata;
      await client.delete(type, object.metadata, uid === undefined ? {} : { preconditions: { uid } });
      pruned.set(identityOf(object), object);
    }
  }
  return [...pruned.values()];
}
