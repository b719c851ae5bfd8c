/** Stored objects in the form that the caller asked for: as they are, as table rows, or their metadata alone. */

import { apiVersionOf, type KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { jsonReply, type Reply, textReply } from '../http/reply.ts';
import type { KindDefinition } from '../kind.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { objectIn, type StoredObject, textIn } from '../store/stored-object.ts';
import { type TableOptions, toTable } from '../table/to-table.ts';

/** One stored object as an answer. */
export function presentStored(
  context: ApiContext,
  { kind, representation, query }: ApiRequest,
  { stored, status = 200 }: { stored: StoredObject; status?: number },
): Reply {
  const { form, format } = representation;
  if (form === 'object') return textReply(textIn(stored, kind.type), { status, format });
  const object = objectIn(stored, kind.type);
  if (form === 'metadata') return jsonReply(partialMetadata(object), { status, format });
  const table = tableOf(context, kind, [object], { query, resourceVersion: object.metadata.resourceVersion ?? '' });
  return jsonReply(table, { status, format });
}

/** An object that is not stored, such as that of a dry run. */
export function presentObject(
  context: ApiContext,
  { kind, representation, query }: ApiRequest,
  { object, status = 200 }: { object: KubeObject; status?: number },
): Reply {
  const { form, format } = representation;
  if (form === 'metadata') return jsonReply(partialMetadata(object), { status, format });
  if (form === 'object') return jsonReply(object, { status, format });
  return jsonReply(tableOf(context, kind, [object], { query, resourceVersion: '' }), { status, format });
}

export function partialMetadata({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

export type TablePage = {
  query: URLSearchParams;
  resourceVersion: string;
  continueToken?: string;
  remaining?: number;
  withColumns?: boolean;
};

export function tableOf(
  { clock }: ApiContext,
  kind: KindDefinition,
  objects: readonly KubeObject[],
  { query, resourceVersion, continueToken, remaining, withColumns = true }: TablePage,
): object {
  return toTable(kind, objects, {
    now: clock.now(),
    includeObject: includeObjectOf(query.get('includeObject')),
    resourceVersion,
    ...(continueToken === undefined ? {} : { continueToken }),
    ...(remaining === undefined ? {} : { remaining }),
    withColumns,
  });
}

/** The list around items that are already text, so that nothing is parsed and written again. */
export function listText(
  kind: KindDefinition,
  items: readonly string[],
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number },
): string {
  const head = JSON.stringify({ kind: kind.listKind, apiVersion: apiVersionOf(kind.type), metadata });
  return `${head.slice(0, -1)},"items":[${items.join(',')}]}`;
}

function includeObjectOf(value: string | null): TableOptions['includeObject'] {
  return value === 'Object' || value === 'None' ? value : 'Metadata';
}
