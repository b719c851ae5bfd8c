/** Who owns which fields: reading and writing `metadata.managedFields`. */

import type { KubeObject } from '../../../lib/resource.ts';
import { isFields } from '../builtin/field-access.ts';
import type { Schema } from '../kind.ts';
import { changedFields } from './changed-fields.ts';
import { difference, type FieldSet, isEmpty, union } from './field-set.ts';

export type Manager = {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  /** RFC 3339. */
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldSet;
  subresource?: string;
};

/** The entries of an object; anything else in the list is dropped. */
export function managersOf(object: KubeObject | undefined): Manager[] {
  const entries = object?.metadata.managedFields ?? [];
  return entries.filter((entry): entry is Manager => isFields(entry) && isFields(entry.fieldsV1)) as Manager[];
}

export function isSameManager(a: Manager, b: Pick<Manager, 'manager' | 'operation' | 'subresource'>): boolean {
  return a.manager === b.manager && a.operation === b.operation && (a.subresource ?? '') === (b.subresource ?? '');
}

export type UpdateTracking = {
  old: KubeObject | undefined;
  next: KubeObject;
  manager: string;
  /** `status` or `scale`; absent for the object itself. */
  subresource?: string;
  schema: Schema;
  /** RFC 3339. */
  at: string;
};

/**
 * The managers after a create, update or patch that is no server-side apply: who changed a field owns it alone.
 *
 * @returns the new `metadata.managedFields`
 */
export function managersAfterUpdate({ old, next, manager, subresource, schema, at }: UpdateTracking): Manager[] {
  const changed = changedFields(old, next, schema);
  const before = managersOf(old);
  if (isEmpty(changed)) return before;
  const self = { manager, operation: 'Update', ...(subresource ? { subresource } : {}) } as const;
  const own = before.find((entry) => isSameManager(entry, self));
  const others = withoutFields(
    before.filter((entry) => entry !== own),
    changed,
  );
  const fieldsV1 = union(own?.fieldsV1 ?? {}, changed);
  return [...others, { ...self, apiVersion: next.apiVersion, time: at, fieldsType: 'FieldsV1', fieldsV1 }];
}

/** The managers without `taken`; those that own nothing any more are gone. */
export function withoutFields(managers: readonly Manager[], taken: FieldSet): Manager[] {
  return managers
    .map((entry) => ({ ...entry, fieldsV1: difference(entry.fieldsV1, taken) }))
    .filter(({ fieldsV1 }) => !isEmpty(fieldsV1));
}
