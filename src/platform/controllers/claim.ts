/** Which objects a controller owns: by owner reference, confirmed by labels; orphans that match are adopted. Pure. */

import type { KubeObject } from '../../lib/resource.ts';
import { selectorMatches } from './label-selector.ts';
import type { LabelSelector } from './workload-objects.ts';

export type Claim<T> = {
  /** Controlled and matching. */
  owned: readonly T[];
  /** Matching, and controlled by nobody. */
  adopt: readonly T[];
  /** Controlled, but the labels do not match any more. */
  release: readonly T[];
};

/** Sorts `objects` (all of one namespace) by what `owner` has to do with them. */
export function claim<T extends KubeObject>(
  owner: KubeObject,
  selector: LabelSelector,
  objects: readonly T[],
): Claim<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  for (const object of objects) {
    const controller = controllerUid(object);
    const matches = selectorMatches(selector, object.metadata.labels);
    if (controller === owner.metadata.uid && controller !== undefined) (matches ? owned : release).push(object);
    else if (controller === undefined && matches && isLiving(owner) && isLiving(object)) adopt.push(object);
  }
  return { owned, adopt, release };
}

/** The uid of the object that controls this one. */
export function controllerUid({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}

function isLiving({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}
