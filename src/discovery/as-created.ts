/** An object of a file as if an API server had created it: with a namespace, and with an age that decides conflicts. */

import type { KubeObject } from '../lib/resource.ts';

/**
 * What was never created anywhere is younger than everything that was.
 *
 * @param age tells such objects apart: the lesser text is the older one
 * @param namespace of objects that name none; `default` unless told otherwise
 */
export function asCreated(
  object: KubeObject,
  { age, namespace = 'default' }: { age: string; namespace: string | undefined },
): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? namespace,
      creationTimestamp: metadata.creationTimestamp ?? `~${age}`,
    },
  };
}
