/** PUT of an object or of one of its facets. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { ApiFailure, notFound } from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { updateAuthor } from '../object/authored.ts';
import { assertNamed, incomingObject } from '../object/incoming.ts';
import { presentObject, presentStored } from '../read/present.ts';
import { type ApiRequest, writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';
import { invalid } from '../schema/causes.ts';
import { objectIn, resourceIdOf, type StoredObject } from '../store/stored-object.ts';
import { createByPut, isCreatedByPut } from './create.ts';
import type { Facet } from './facet.ts';
import { SCALE_KIND } from './scale-facet.ts';
import { type Updated, updateObject } from './update.ts';

export function replace(context: ApiContext, request: ApiRequest, facet: Facet): Reply {
  const { kind } = request;
  const mode = writeModeOf(request);
  const live = storedObject(context, request);
  if (live === undefined) {
    if (facet.sameKind && request.target.subresource === undefined && isCreatedByPut(kind))
      return createByPut(context, request);
    throw notFound(kind, request.target.name ?? '');
  }
  const { object, warnings } = wanted(request, facet);
  const custom = !isBuiltIn(kind);
  if (custom && facet.sameKind && !object.metadata.resourceVersion) {
    throw versionMissing(kind, live.object.metadata.name);
  }
  const next = facet.write(object, objectIn(live, kind.type));
  const author = updateAuthor(request, mode);
  return withWarnings(
    presentUpdated(context, request, { facet, updated: updateObject(context, { kind, next, live, mode, author }) }),
    warnings,
  );
}

/** Here the real server names the plural, and the kind elsewhere. */
function versionMissing({ type }: KindDefinition, name: string): ApiFailure {
  const cause = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
  const message = `${type.plural}.${type.group} "${name}" is invalid: ${cause.field}: ${cause.message}`;
  return new ApiFailure(422, 'Invalid', message, { name, group: type.group, kind: type.plural, causes: [cause] });
}

/** @throws ApiFailure 404 */
export function liveObject(context: ApiContext, request: Pick<ApiRequest, 'kind' | 'target'>): StoredObject {
  const found = storedObject(context, request);
  if (found === undefined) throw notFound(request.kind, request.target.name ?? '');
  return found;
}

/** What the request names, if it is there. */
export function storedObject(
  { store }: ApiContext,
  { kind, target: { name = '', namespace } }: Pick<ApiRequest, 'kind' | 'target'>,
): StoredObject | undefined {
  return store.get(resourceIdOf(kind.type), namespace === undefined ? { name } : { name, namespace });
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
  assertNamed(fields, request.target);
  const kind = facet.sameKind ? request.kind : SCALE_KIND;
  return incomingObject(fields, { kind, target: request.target }, writeModeOf(request));
}
