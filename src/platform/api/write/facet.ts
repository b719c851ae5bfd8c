/**
 * The parts of an object that are addressed on their own: the object itself, its `status`, its `scale` (`scale-facet.ts`). Each is read
 * from the whole and written back into it, so that PUT and every kind of PATCH are written once.
 */

import type { KubeObject } from '../../../lib/resource.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';

export type Facet = {
  read: (whole: KubeObject) => KubeObject;
  /** The whole with the facet replaced by `next`; server-written metadata is put right later. */
  write: (next: KubeObject, whole: KubeObject) => KubeObject;
  /** The facet is an object of the same kind, with the same schema. */
  sameKind: boolean;
};

/** Status, and anything not named in it, belongs to somebody else. */
export const mainFacet = (kind: KindDefinition): Facet => ({
  read: (whole) => whole,
  write: (next, whole) => (kind.hasStatus ? withFields(next, { status: whole.status }) : next),
  sameKind: true,
});

/** Built-in kinds also take annotations along, as the kubelet of a real cluster relies on. */
export const statusFacet = (kind: KindDefinition): Facet => ({
  read: (whole) => whole,
  write(next, whole) {
    const { uid, resourceVersion, managedFields } = next.metadata;
    const annotations = isBuiltIn(kind) ? next.metadata.annotations : whole.metadata.annotations;
    const metadata = withFields(whole.metadata, { annotations, resourceVersion, uid, managedFields });
    return { ...withFields(whole, { status: next.status }), metadata };
  },
  sameKind: true,
});

/** `fields` with others in their place; `undefined` removes one. */
export function withFields<T extends object>(fields: T, changes: Record<string, unknown>): T {
  const merged = Object.entries({ ...fields, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined)) as T;
}
