/** From a wanted object to a stored one: preconditions, server-written fields, validation, and nothing at all for no change. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { conflict, invalid, MODIFIED_MEANWHILE } from '../failure/api-failure.ts';
import type { KindDefinition } from '../kind.ts';
import { type Author, authored } from '../object/authored.ts';
import { nextGeneration } from '../object/generation.ts';
import { changedMetadata } from '../object/system-metadata.ts';
import type { WriteMode } from '../request/api-request.ts';
import { ruleOf } from '../rules/kind-rules.ts';
import { forbidden, invalid as immutable } from '../schema/causes.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { validateObject } from '../schema/validate.ts';
import { objectIn, type StoredObject } from '../store/stored-object.ts';
import { isReleased } from './release.ts';

export type Updated = { object: KubeObject; stored?: StoredObject };

export type Wanted = {
  kind: KindDefinition;
  next: KubeObject;
  live: StoredObject;
  mode: Pick<WriteMode, 'dryRun'>;
  /** Who changes it; absent for what the server does by itself. */
  author?: Author;
  /** The whole is the result of a patch: another uid is then a change of it, and not a precondition. */
  isPatch?: boolean;
};

/**
 * Stores `next` in the place of `live`. An object under deletion whose last finalizer goes is removed.
 *
 * @returns the object, and how it is stored unless this was a dry run
 * @throws ApiFailure 409 when `next` was made from another state, 422 with every cause
 */
export function updateObject(
  context: ApiContext,
  { kind, next, live, mode, author, isPatch = false }: Wanted,
): Updated {
  const old = objectIn(live, kind.type);
  if (isPatch) assertSameIdentity(kind, next, old);
  assertPreconditions(kind, next, old);
  const managers = next.metadata.managedFields ?? old.metadata.managedFields;
  const metadata = changedMetadata(next.metadata, old.metadata);
  const kept = { ...next, metadata: managers === undefined ? metadata : { ...metadata, managedFields: managers } };
  const filled = applyDefaults(kind, kept, old);
  ruleOf(kind).prepareUpdate?.(filled, old, context);
  const causes = [
    ...validateObject(kind, filled, old),
    ...(ruleOf(kind).validate?.(filled) ?? []),
    ...(ruleOf(kind).checkUpdate?.(filled, context) ?? []),
    ...finalizerCauses(filled, old),
  ];
  if (causes.length > 0) throw invalid(kind, old.metadata.name, causes);
  if (isDeepStrictEqual(filled, old)) return { object: old, stored: live };
  const changed = authored(context, kind, { old, next: counted(kind, filled, old), author });
  if (mode.dryRun) return { object: changed };
  if (isReleased(kind, changed)) {
    const stored = context.store.remove(live, changed);
    return { object: stored.object, stored };
  }
  const stored = context.store.put(live.resource, changed);
  return { object: stored.object, stored };
}

function counted(kind: KindDefinition, next: KubeObject, old: KubeObject): KubeObject {
  const generation = nextGeneration(kind, next, old);
  return generation === undefined ? next : { ...next, metadata: { ...next.metadata, generation } };
}

/** The real server names the fault twice: two of its validators find it. */
function assertSameIdentity(kind: KindDefinition, next: KubeObject, old: KubeObject): void {
  const { uid } = next.metadata;
  if (!uid || uid === old.metadata.uid) return;
  const cause = immutable('metadata.uid', uid, 'field is immutable');
  throw invalid(kind, old.metadata.name, [cause, cause]);
}

function assertPreconditions(kind: KindDefinition, next: KubeObject, old: KubeObject): void {
  const { uid, resourceVersion } = next.metadata;
  const { name } = old.metadata;
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
    throw conflict(kind, name, MODIFIED_MEANWHILE);
}

/** What is being deleted may only lose reasons to stay. */
function finalizerCauses(next: KubeObject, old: KubeObject) {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const known = new Set(old.metadata.finalizers);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return [];
  const found = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`;
  return [forbidden('metadata.finalizers', why)];
}
