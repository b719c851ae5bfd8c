/** PATCH of an object or of one of its facets: four kinds of patch, told apart by their media type. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { isFields } from '../builtin/field-access.ts';
import {
  ApiFailure,
  badRequest,
  invalid,
  invalidOption,
  notFound,
  unsupportedMediaType,
} from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import type { KindDefinition } from '../kind.ts';
import { updateAuthor } from '../object/authored.ts';
import { incomingObject, type Refuse } from '../object/incoming.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { PatchError } from '../patch/patch-error.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { type ApiRequest, type WriteMode, writeModeOf } from '../request/api-request.ts';
import { asFields, mediaTypeOf, parseJson } from '../request/body.ts';
import { forbidden } from '../schema/causes.ts';
import { rootSchema } from '../schema/object-meta.ts';
import { objectIn, type StoredObject } from '../store/stored-object.ts';
import { apply } from './apply.ts';
import type { Facet } from './facet.ts';
import { presentUpdated, storedObject } from './replace.ts';
import { SCALE_KIND } from './scale-facet.ts';
import { updateObject } from './update.ts';

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

export function patch(context: ApiContext, request: ApiRequest, facet: Facet): Reply {
  const { kind, target } = request;
  const mode = writeModeOf(request);
  const live = storedObject(context, request);
  if (mediaTypeOf(request.contentType) === APPLY) return apply(context, request, { facet, live, mode });
  if (mode.force) {
    throw invalidOption('PATCH', forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (live === undefined) throw notFound(kind, target.name ?? '');
  const current = facet.read(objectIn(live, kind.type));
  const fields = asFields(asFailure(request, () => patched(request, current)));
  return store(context, request, { facet, live, mode, fields });
}

type Existing = { facet: Facet; live: StoredObject; mode: WriteMode };

function store(
  context: ApiContext,
  request: ApiRequest,
  change: Existing & { fields: Record<string, unknown> },
): Reply {
  const { facet, live, mode, fields } = change;
  const { kind } = request;
  const decodedAs = facet.sameKind ? kind : SCALE_KIND;
  const place = { kind: decodedAs, target: request.target };
  const { object, warnings } = incomingObject(fields, place, mode, badResult(decodedAs, live.object));
  const next = facet.write(object, objectIn(live, kind.type));
  const author = updateAuthor(request, mode);
  const updated = updateObject(context, { kind, next, live, mode, author, isPatch: true });
  return withWarnings(presentUpdated(context, request, { facet, updated }), warnings);
}

/** A patch that parses and whose result does not is no bad body: it is invalid. */
function badResult(kind: KindDefinition, { metadata }: KubeObject): Refuse {
  return (fault) => {
    const cause = { reason: 'FieldValueInvalid', message: `Invalid value: ${fault}`, field: 'patch' };
    return invalid(kind, metadata.name, [cause]);
  };
}

function patched({ kind, contentType, body }: ApiRequest, current: KubeObject): unknown {
  const text = body.toString('utf8');
  switch (mediaTypeOf(contentType)) {
    case MERGE:
      return applyMergePatch(current, patchFields(text));
    case JSON_PATCH:
      return applyJsonPatch(current, parseJson(text));
    case STRATEGIC:
      if (kind.strategicMerge) return applyStrategicMergePatch(current, patchFields(text), rootSchema(kind));
      throw unsupportedMediaType([JSON_PATCH, MERGE, APPLY]);
    default:
      throw unsupportedMediaType(
        kind.strategicMerge ? [JSON_PATCH, MERGE, STRATEGIC, APPLY] : [JSON_PATCH, MERGE, APPLY],
      );
  }
}

function patchFields(text: string): Record<string, unknown> {
  const patch = parseJson(text);
  if (isFields(patch)) return patch;
  const found = Array.isArray(patch) ? 'array' : typeof patch === 'boolean' ? 'bool' : typeof patch;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${found} into Go value of type map[string]interface {}`,
  );
}

/** What a patch cannot do is the caller's fault, and answered as kube-apiserver does. */
function asFailure<T>({ kind, target }: ApiRequest, attempt: () => T): T {
  try {
    return attempt();
  } catch (thrown) {
    if (!(thrown instanceof PatchError)) throw thrown;
    if (thrown.status === 400) throw badRequest(thrown.message);
    throw new ApiFailure(422, 'Invalid', thrown.message, {
      name: target.name ?? '',
      ...(kind.type.group === '' ? {} : { group: kind.type.group }),
      kind: kind.type.kind,
    });
  }
}
