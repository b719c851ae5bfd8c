/**
 * Deletion is a wish at first: finalizers, a pod that still runs, and the contents of a namespace keep an object, marked with
 * a deletionTimestamp, until the last reason is gone.
 */

import type { EpochMs } from '../../../lib/clock.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, numberAt, textAt } from '../builtin/field-access.ts';
import { forbidden, preconditionFailed } from '../failure/api-failure.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { markedForDeletion } from '../object/system-metadata.ts';
import type { StoredObject } from '../store/stored-object.ts';
import type { DeleteOptions, Propagation } from './delete-options.ts';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

const PERMANENT_NAMESPACES = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);
const DEFAULT_POD_GRACE_SECONDS = 30;

export type Deletion = { object: KubeObject; gone: boolean };

/** @throws ApiFailure 403 for a permanent namespace, 409 when a precondition does not hold */
export function deleteObject(
  context: ApiContext,
  { kind, live, options }: { kind: KindDefinition; live: StoredObject; options: DeleteOptions },
): Deletion {
  const { object } = live;
  assertDeletable(kind, object, options);
  const graceSeconds = graceOf(kind, object, options);
  const finalizers = finalizersOf(kind, object, options.propagation);
  const stays = finalizers.length > 0 || graceSeconds > 0 || isNamespace(kind);
  if (!stays) {
    const last = isPod(kind) ? marking(context, { object, finalizers, graceSeconds }) : object;
    if (!options.dryRun) context.store.remove(live, last);
    return { object: last, gone: true };
  }
  const marked = terminating(kind, marking(context, { object, finalizers, graceSeconds }));
  if (options.dryRun || isAlready(object, marked)) return { object, gone: false };
  return { object: context.store.put(live.resource, marked).object, gone: false };
}

function assertDeletable(kind: KindDefinition, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions;
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(kind, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw preconditionFailed(kind, metadata.name, why);
  }
  if (isNamespace(kind) && PERMANENT_NAMESPACES.has(metadata.name)) {
    throw forbidden(kind, metadata.name, { why: 'this namespace may not be deleted' });
  }
}

function isNamespace(kind: KindDefinition): boolean {
  return isBuiltIn(kind) && kind.type.kind === 'Namespace';
}

function isPod(kind: KindDefinition): boolean {
  return isBuiltIn(kind) && kind.type.kind === 'Pod';
}

/** Only a pod that a kubelet has taken on and that has not ended by itself gets time to end. */
function graceOf(kind: KindDefinition, object: KubeObject, { graceSeconds }: DeleteOptions): number {
  if (!isPod(kind)) return 0;
  const phase = textAt(object, 'status', 'phase');
  if (!textAt(object, 'spec', 'nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
  const wanted = graceSeconds ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? DEFAULT_POD_GRACE_SECONDS;
  const running = object.metadata.deletionGracePeriodSeconds;
  return running === undefined ? wanted : Math.min(wanted, running);
}

function finalizersOf(kind: KindDefinition, { metadata }: KubeObject, propagation: Propagation): string[] {
  const others = (metadata.finalizers ?? []).filter(
    (name) => name !== FOREGROUND_FINALIZER && name !== ORPHAN_FINALIZER,
  );
  const own = isBuiltIn(kind) && kind.type.kind === 'CustomResourceDefinition' ? [CRD_FINALIZER] : [];
  return [...new Set([...others, ...own, ...propagationFinalizers(propagation)])];
}

function propagationFinalizers(propagation: Propagation): string[] {
  switch (propagation) {
    case 'Background':
      return [];
    case 'Foreground':
      return [FOREGROUND_FINALIZER];
    case 'Orphan':
      return [ORPHAN_FINALIZER];
    default:
      return propagation satisfies never;
  }
}

type Mark = { object: KubeObject; finalizers: readonly string[]; graceSeconds: number };

/** The first mark counts; later ones may only shorten the grace, which began with the first. */
function marking({ clock }: ApiContext, { object, finalizers, graceSeconds }: Mark): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = object.metadata;
  const marked =
    deletionTimestamp !== undefined && grace === graceSeconds
      ? object
      : markedForDeletion(object, markedSince(object) ?? clock.now(), graceSeconds);
  const { finalizers: _old, ...metadata } = marked.metadata;
  const generation = metadata.generation;
  const counted = deletionTimestamp === undefined && generation !== undefined ? { generation: generation + 1 } : {};
  const kept = finalizers.length === 0 ? {} : { finalizers: [...finalizers] };
  return { ...marked, metadata: { ...metadata, ...counted, ...kept } };
}

function markedSince({ metadata }: KubeObject): EpochMs | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  return deletionTimestamp === undefined
    ? undefined
    : Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1_000;
}

function terminating(kind: KindDefinition, object: KubeObject): KubeObject {
  if (!isNamespace(kind)) return object;
  const { deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata;
  return { ...object, metadata, status: { ...fieldsAt(object, 'status'), phase: 'Terminating' } };
}

function isAlready({ metadata }: KubeObject, marked: KubeObject): boolean {
  return (
    metadata.deletionTimestamp === marked.metadata.deletionTimestamp &&
    (metadata.finalizers ?? []).join() === (marked.metadata.finalizers ?? []).join()
  );
}
