/** DELETE of one object or of everything that a list would show. */

import type { ApiContext } from '../api-context.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { list } from '../read/list.ts';
import { presentObject } from '../read/present.ts';
import { selectionOf } from '../read/selection.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { objectIn, resourceIdOf } from '../store/stored-object.ts';
import { deleteObject } from './delete.ts';
import { deleteOptionsOf } from './delete-options.ts';
import { liveObject } from './replace.ts';

/** Kinds whose deletion answers with the object as it was, where others answer with a Status. */
const ANSWERED_WITH_OBJECT = new Set(['pods', 'services', 'serviceaccounts']);

export function remove(context: ApiContext, request: ApiRequest): Reply {
  const { kind } = request;
  const options = deleteOptionsOf(request);
  const live = liveObject(context, request);
  const { object, gone } = deleteObject(context, { kind, live, options });
  const answersWithObject = isBuiltIn(kind) && ANSWERED_WITH_OBJECT.has(kind.type.plural);
  if (!gone || answersWithObject) {
    return presentObject(context, request, { object: objectIn({ ...live, object }, kind.type) });
  }
  const { group, plural } = kind.type;
  const { name, uid } = object.metadata;
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, ...(uid === undefined ? {} : { uid }) };
  return jsonReply({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

/** Deletes what the selectors name; the answer is the list as it was before. */
export function removeCollection(context: ApiContext, request: ApiRequest): Reply {
  const { kind, target } = request;
  const options = deleteOptionsOf(request);
  const reply = list(context, request);
  const selection = selectionOf(request);
  for (const live of context.store.list(resourceIdOf(kind.type), target.namespace)) {
    if (selection.matches(objectIn(live, kind.type))) deleteObject(context, { kind, live, options });
  }
  return reply;
}
