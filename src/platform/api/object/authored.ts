/** Writes down who changed which fields, for later server-side applies to respect. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { managersAfterUpdate } from '../apply/managed-fields.ts';
import type { KindDefinition } from '../kind.ts';
import type { ApiRequest, WriteMode } from '../request/api-request.ts';
import { rootSchema } from '../schema/object-meta.ts';

/** Who writes, and how: an apply has entered itself into `managedFields` already. */
export type Author = { operation: 'Apply' } | { operation: 'Update'; manager: string; subresource?: string };

export function updateAuthor({ target }: ApiRequest, { fieldManager }: WriteMode): Author {
  const { subresource } = target;
  return { operation: 'Update', manager: fieldManager, ...(subresource === undefined ? {} : { subresource }) };
}

type Change = { old: KubeObject | undefined; next: KubeObject; author: Author | undefined };

/** `next` with the author's fields recorded. Whatever managers `next` names already count as the ones before. */
export function authored({ clock }: ApiContext, kind: KindDefinition, { old, next, author }: Change): KubeObject {
  if (author?.operation !== 'Update') return next;
  const { managedFields = [] } = next.metadata;
  const before = old === undefined ? undefined : { ...old, metadata: { ...old.metadata, managedFields } };
  const managers = managersAfterUpdate({
    old: before,
    next,
    manager: author.manager,
    ...(author.subresource === undefined ? {} : { subresource: author.subresource }),
    schema: rootSchema(kind),
    at: toRfc3339(clock.now()),
  });
  const { managedFields: _before, ...metadata } = next.metadata;
  return { ...next, metadata: managers.length === 0 ? metadata : { ...metadata, managedFields: managers } };
}
