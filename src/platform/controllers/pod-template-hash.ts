/** The name of a pod template: what `pod-template-hash` says. Pure. */

import { createHash } from 'node:crypto';
import { meaningOf } from './same-meaning.ts';
import type { PodTemplate } from './workload-objects.ts';

export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

// Letters and digits that cannot spell words: names of ReplicaSets are shown to people.
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HASH_LENGTH = 10;

/**
 * A short hash of a pod template, safe in names and labels. `collisionCount` gives another hash for the same template, for
 * the case that the name is taken by somebody else.
 */
export function podTemplateHash(template: PodTemplate, collisionCount = 0): string {
  const suffix = collisionCount === 0 ? '' : `#${collisionCount}`;
  const digest = createHash('sha256')
    .update(`${canonicalTemplate(template)}${suffix}`)
    .digest();
  return [...digest.subarray(0, HASH_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Whether two templates would start the same pods: equal but for the hash label that a ReplicaSet adds. */
export function sameTemplate(one: PodTemplate, other: PodTemplate): boolean {
  return canonicalTemplate(one) === canonicalTemplate(other);
}

function canonicalTemplate({ metadata, spec }: PodTemplate): string {
  const { [TEMPLATE_HASH_LABEL]: _, ...labels } = metadata?.labels ?? {};
  return meaningOf({ metadata: { ...metadata, labels }, spec });
}
