/** Namespaces and CustomResourceDefinitions that are being deleted take their contents with them, and go when those are gone. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { textAt } from '../builtin/field-access.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { CRD_FINALIZER } from '../write/delete.ts';
import { end, withoutFinalizer } from './owners.ts';

export function endNamespace(context: ApiContext, uid: string): void {
  const { store } = context;
  const namespace = store.byUid(uid);
  if (namespace === undefined) return;
  const contents = [...store.all()].filter(
    ({ object }) => object.metadata.namespace === namespace.object.metadata.name,
  );
  for (const stored of contents) endOnce(context, stored);
  const left = [...store.all()].some(({ object }) => object.metadata.namespace === namespace.object.metadata.name);
  if (left) return;
  const emptied: KubeObject = { ...namespace.object, spec: {} };
  if ((namespace.object.metadata.finalizers ?? []).length === 0) store.remove(namespace, emptied);
  else if (JSON.stringify(namespace.object.spec) !== '{}') store.put('namespaces', emptied);
}

export function endCustomResources(context: ApiContext, uid: string): void {
  const crd = context.store.byUid(uid);
  if (crd === undefined) return;
  const resource = `${textAt(crd.object, 'spec', 'names', 'plural')}.${textAt(crd.object, 'spec', 'group')}`;
  for (const stored of context.store.list(resource)) endOnce(context, stored);
  if (context.store.list(resource).length === 0) withoutFinalizer(context, crd, CRD_FINALIZER);
}

function endOnce(context: ApiContext, stored: StoredObject): void {
  if (stored.object.metadata.deletionTimestamp === undefined) end(context, stored, 'Background');
}
