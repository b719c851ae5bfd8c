/**
 * Ends what should not live on: dependents whose owners are gone, contents of namespaces and of CustomResourceDefinitions that
 * are being deleted. Works right after the change that gave it cause, never inside it, and once over everything at start, so
 * that a crash in between loses nothing.
 */

import { messageOf } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { textAt } from '../builtin/field-access.ts';
import type { Change } from '../store/stored-object.ts';
import { ORPHAN_FINALIZER } from '../write/delete.ts';
import { collectDependent, endForeground, orphanDependents } from './owners.ts';
import { endCustomResources, endNamespace } from './terminating.ts';

export class GarbageCollector {
  readonly #context: ApiContext;
  readonly #due = new Set<string>();
  readonly #unsubscribe: () => void;
  #scheduled: NodeJS.Immediate | undefined;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#unsubscribe = context.store.subscribe((change) => this.#notice(change));
    for (const { object } of context.store.all()) this.#look(object.metadata.uid);
  }

  close(): void {
    this.#unsubscribe();
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
  }

  #notice({ type, current, previous }: Change): void {
    const { store } = this.#context;
    const { metadata } = current.object;
    const owners = metadata.ownerReferences ?? [];
    if (type === 'DELETED') {
      for (const { object } of store.dependentsOf(metadata.uid ?? '')) this.#look(object.metadata.uid);
      for (const owner of owners) this.#look(owner.uid);
      this.#lookAtContainers(current.object);
      return;
    }
    const hadOwners = previous?.object.metadata.ownerReferences ?? [];
    const newOwners = owners.some(({ uid }) => !hadOwners.some((had) => had.uid === uid));
    if (newOwners || metadata.deletionTimestamp !== undefined) this.#look(metadata.uid);
    if (metadata.deletionTimestamp !== undefined) {
      for (const { object } of store.dependentsOf(metadata.uid ?? '')) this.#look(object.metadata.uid);
    }
  }

  /** What an object was in may have become empty. */
  #lookAtContainers({ metadata, apiVersion, kind }: KubeObject): void {
    const { store } = this.#context;
    if (metadata.namespace !== undefined) {
      this.#look(store.get('namespaces', { name: metadata.namespace })?.object.metadata.uid);
    }
    const group = apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : '';
    for (const { object } of store.list('customresourcedefinitions.apiextensions.k8s.io')) {
      const isDefinition =
        textAt(object, 'spec', 'group') === group && textAt(object, 'spec', 'names', 'kind') === kind;
      if (isDefinition && object.metadata.deletionTimestamp !== undefined) this.#look(object.metadata.uid);
    }
  }

  #look(uid: string | undefined): void {
    if (uid === undefined) return;
    this.#due.add(uid);
    this.#scheduled ??= setImmediate(() => this.#work());
  }

  #work(): void {
    this.#scheduled = undefined;
    const due = [...this.#due];
    this.#due.clear();
    for (const uid of due) {
      try {
        this.#settle(uid);
      } catch (thrown) {
        this.#context.logger.error({ uid, error: messageOf(thrown) }, 'garbage collection failed for an object');
      }
    }
  }

  #settle(uid: string): void {
    const stored = this.#context.store.byUid(uid);
    if (stored === undefined) return;
    const { deletionTimestamp, finalizers = [] } = stored.object.metadata;
    if (deletionTimestamp === undefined) {
      collectDependent(this.#context, stored);
      return;
    }
    if (finalizers.includes(ORPHAN_FINALIZER)) orphanDependents(this.#context, stored);
    else endForeground(this.#context, stored);
    if (stored.resource === 'namespaces') endNamespace(this.#context, uid);
    if (stored.resource === 'customresourcedefinitions.apiextensions.k8s.io') endCustomResources(this.#context, uid);
  }
}
