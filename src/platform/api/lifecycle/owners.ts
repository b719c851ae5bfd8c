/** What owner references mean: an object lives as long as one of its owners does. */

import { apiVersionOf, type KubeObject, type OwnerReference } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { deleteObject, FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../write/delete.ts';
import { BACKGROUND, type Propagation } from '../write/delete-options.ts';
import { updateObject } from '../write/update.ts';

/** Deletes an object all of whose owners are gone, or going and waiting for it; otherwise forgets the owners that are gone. */
export function collectDependent(context: ApiContext, stored: StoredObject): void {
  const { ownerReferences = [] } = stored.object.metadata;
  if (ownerReferences.length === 0) return;
  const states = ownerReferences.map((owner) => ({ owner, state: stateOf(context, owner) }));
  const present = states.filter(({ state }) => state === 'present');
  if (present.length === 0) {
    const waitedFor = states.some(({ state }) => state === 'waiting');
    const hasDependents = context.store.dependentsOf(stored.object.metadata.uid ?? '').length > 0;
    end(context, stored, waitedFor && hasDependents ? 'Foreground' : 'Background');
    return;
  }
  if (present.length < states.length)
    withOwners(
      context,
      stored,
      present.map(({ owner }) => owner),
    );
}

/** Lets dependents live on without their owner, then lets the owner go. */
export function orphanDependents(context: ApiContext, stored: StoredObject): void {
  const { uid } = stored.object.metadata;
  for (const dependent of context.store.dependentsOf(uid ?? '')) {
    const { ownerReferences = [] } = dependent.object.metadata;
    withOwners(
      context,
      dependent,
      ownerReferences.filter((owner) => owner.uid !== uid),
    );
  }
  withoutFinalizer(context, stored, ORPHAN_FINALIZER);
}

/** Lets an owner go once none of the dependents that it waits for are left. */
export function endForeground(context: ApiContext, stored: StoredObject): void {
  const { uid, finalizers = [] } = stored.object.metadata;
  if (!finalizers.includes(FOREGROUND_FINALIZER)) return;
  const blocking = context.store
    .dependentsOf(uid ?? '')
    .some(({ object }) =>
      object.metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion),
    );
  if (!blocking) withoutFinalizer(context, stored, FOREGROUND_FINALIZER);
}

/** Removes a finalizer from an object, if it is still there and still has it. */
export function withoutFinalizer(context: ApiContext, { object }: StoredObject, finalizer: string): void {
  const current = context.store.byUid(object.metadata.uid ?? '');
  if (current?.object.metadata.finalizers?.includes(finalizer) !== true) return;
  const { finalizers = [], ...metadata } = current.object.metadata;
  const kept = finalizers.filter((name) => name !== finalizer);
  change(context, current, {
    ...current.object,
    metadata: { ...metadata, ...(kept.length === 0 ? {} : { finalizers: kept }) },
  });
}

export function end(context: ApiContext, live: StoredObject, propagation: Propagation): void {
  const kind = context.kinds.ofResource(live.resource);
  if (kind !== undefined) deleteObject(context, { kind, live, options: { ...BACKGROUND, propagation } });
}

type OwnerState = 'present' | 'waiting' | 'absent';

function stateOf({ store }: ApiContext, owner: OwnerReference): OwnerState {
  const found = store.byUid(owner.uid);
  if (found === undefined || found.object.metadata.name !== owner.name) return 'absent';
  const { deletionTimestamp, finalizers = [] } = found.object.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND_FINALIZER) ? 'waiting' : 'present';
}

function withOwners(context: ApiContext, stored: StoredObject, owners: OwnerReference[]): void {
  const { ownerReferences: _old, ...metadata } = stored.object.metadata;
  const kept = owners.length === 0 ? {} : { ownerReferences: owners };
  change(context, stored, { ...stored.object, metadata: { ...metadata, ...kept } });
}

function change(context: ApiContext, live: StoredObject, next: KubeObject): void {
  const kind = context.kinds.ofResource(live.resource);
  if (kind === undefined) return;
  const inVersion = { ...next, apiVersion: apiVersionOf(kind.type) };
  updateObject(context, { kind, next: inVersion, live, mode: { dryRun: false } });
}
