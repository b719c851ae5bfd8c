/** Writes what `claim.ts` decided: takes orphans over, and lets go of what does not match any more. */

import { isConflict, isNotFound, type KubeClient } from '../../kube/kube-client.ts';
import { controllerReference, type KubeObject, type ResourceType } from '../../lib/resource.ts';
import type { Claim } from './claim.ts';

/**
 * Adopts and releases. Each write carries the version it was decided on; an object that changed meanwhile is left to the next
 * turn, which its change brings about.
 *
 * @throws whatever else the server answers
 */
export async function settleClaim<T extends KubeObject>(
  client: KubeClient,
  { owner, ownerType, type }: { owner: KubeObject; ownerType: ResourceType; type: ResourceType },
  { adopt, release }: Claim<T>,
): Promise<void> {
  if (adopt.length > 0 && (await isStillThere(client, ownerType, owner))) {
    for (const object of adopt) {
      const references = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)];
      await rewriteOwners(client, type, { object, references });
    }
  }
  for (const object of release) {
    const references = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
    await rewriteOwners(client, type, { object, references });
  }
}

/** Asks the server itself: adopting for an owner that is already deleted would hand the object to the garbage collection. */
async function isStillThere(client: KubeClient, type: ResourceType, owner: KubeObject): Promise<boolean> {
  const live = await client.get(type, owner.metadata);
  return live?.metadata.uid === owner.metadata.uid && live?.metadata.deletionTimestamp === undefined;
}

async function rewriteOwners(
  client: KubeClient,
  type: ResourceType,
  { object, references }: { object: KubeObject; references: KubeObject['metadata']['ownerReferences'] },
): Promise<void> {
  const { uid, resourceVersion } = object.metadata;
  const patch = { metadata: { uid, resourceVersion, ownerReferences: references } };
  try {
    await client.patch(type, object.metadata, patch, { strategy: 'merge' });
  } catch (thrown) {
    if (!isConflict(thrown) && !isNotFound(thrown)) throw thrown;
  }
}
