/** An object of a file as if an API server had created it: with a namespace, and with an age that decides conflicts. */

import type { KubeObject } from '../lib/resource.ts';

/**
 * The age of what was never created anywhere is its place among the files, behind everything that has one.
 *
 * @param namespace of objects that name none; `default` unless told otherwise
 */
export function asCreated(
  object: KubeObject,
  { index, namespace = 'default' }: { index: number; namespace: string | undefined },
): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? namespace,
      creationTimestamp: metadata.creationTimestamp ?? `~${String(index).padStart(9, '0')}`,
    },
  };
}
