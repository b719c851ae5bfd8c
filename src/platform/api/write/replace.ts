/** PUT of an object or of one of its facets. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { invalid, notFound } from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { updateAuthor } from '../object/authored.ts';
import { incomingObject } from '../object/incoming.ts';
import { presentObject, presentStored } from '../read/present.ts';
import { type ApiRequest, writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';
import { objectIn, resourceIdOf, type StoredObject } from '../store/stored-object.ts';
import type { Facet } from './facet.ts';
import { type Updated, updateObject } from './update.ts';

export function replace(context: ApiContext, request: ApiRequest, facet: Facet): Reply {
  const { kind } = request;
  const mode = writeModeOf(request);
  const live = liveObject(context, request);
  const { object, warnings } = wanted(request, facet);
  const custom = !isBuiltIn(kind);
  if (custom && facet.sameKind && !object.metadata.resourceVersion) {
    const message = 'Invalid value: 0: must be specified for an update';
    throw invalid(kind, live.object.metadata.name, [
      { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
    ]);
  }
  const next = facet.write(object, objectIn(live, kind.type));
  const author = updateAuthor(request, mode);
  return withWarnings(
    presentUpdated(context, request, { facet, updated: updateObject(context, { kind, next, live, mode, author }) }),
    warnings,
  );
}

/** @throws ApiFailure 404 */
export function liveObject({ store }: ApiContext, { kind, target }: Pick<ApiRequest, 'kind' | 'target'>): StoredObject {
  const { name = '', namespace } = target;
  const ref = namespace === undefined ? { name } : { name, namespace };
  const found = store.get(resourceIdOf(kind.type), ref);
  if (found === undefined) throw notFound(kind, name);
  return found;
}

/** The answer to a write of a facet: that facet of what is now stored. */
export function presentUpdated(
  context: ApiContext,
  request: ApiRequest,
  { facet, updated }: { facet: Facet; updated: Updated },
): Reply {
  if (!facet.sameKind) {
    const representation = { ...request.representation, form: 'object' as const };
    return presentObject(context, { ...request, representation }, { object: facet.read(updated.object) });
  }
  if (updated.stored !== undefined) return presentStored(context, request, { stored: updated.stored });
  return presentObject(context, request, { object: updated.object });
}

function wanted(request: ApiRequest, facet: Facet): { object: KubeObject; warnings: readonly string[] } {
  const fields = decodeObject(request.body, request.contentType);
  if (facet.sameKind) return incomingObject(fields, request, writeModeOf(request));
  return {
    object: { ...(fields as KubeObject), metadata: (fields as KubeObject).metadata ?? { name: '' } },
    warnings: [],
  };
}
