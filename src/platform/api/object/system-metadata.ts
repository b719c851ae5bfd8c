/** The part of `metadata` that only the server writes: identity, versions, times and the mark of deletion. */

import { randomUUID } from 'node:crypto';
import { type EpochMs, toRfc3339 } from '../../../lib/clock.ts';
import type { KubeObject, ObjectMeta } from '../../../lib/resource.ts';

/** Letters that form no words and are not mistaken for each other, as Kubernetes uses for generated names. */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const GENERATED_NAME_BASE_MAX = 58;

/** The metadata of a new object: whatever the writer says about these fields is replaced. */
export function newMetadata(metadata: ObjectMeta, { now, random }: { now: EpochMs; random: () => number }): ObjectMeta {
  const {
    resourceVersion: _version,
    deletionTimestamp: _at,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...given
  } = metadata;
  const { name = '', generateName = '' } = given;
  const generated = name === '' && generateName !== '' ? { name: generatedName(generateName, random) } : {};
  return { ...given, ...generated, uid: randomUUID(), creationTimestamp: toRfc3339(now) };
}

/** The metadata of a changed object: the server's fields stay as they are, the rest is the writer's. */
export function changedMetadata(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    ...given
  } = metadata;
  return {
    ...given,
    ...(old.uid === undefined ? {} : { uid: old.uid }),
    ...(old.resourceVersion === undefined ? {} : { resourceVersion: old.resourceVersion }),
    ...(old.generation === undefined ? {} : { generation: old.generation }),
    ...(old.creationTimestamp === undefined ? {} : { creationTimestamp: old.creationTimestamp }),
    ...(old.deletionTimestamp === undefined ? {} : { deletionTimestamp: old.deletionTimestamp }),
    ...(old.deletionGracePeriodSeconds === undefined
      ? {}
      : { deletionGracePeriodSeconds: old.deletionGracePeriodSeconds }),
  };
}

/** `object` marked as being deleted, to be gone after the grace period. */
export function markedForDeletion(object: KubeObject, now: EpochMs, graceSeconds: number): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: toRfc3339(now + graceSeconds * 1_000),
      deletionGracePeriodSeconds: graceSeconds,
    },
  };
}

function generatedName(base: string, random: () => number): string {
  const suffix = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_LETTERS[Math.floor(random() * SUFFIX_LETTERS.length)] ?? SUFFIX_LETTERS[0],
  );
  return `${base.slice(0, GENERATED_NAME_BASE_MAX)}${suffix.join('')}`;
}
