/** PATCH of an object or of one of its facets: four kinds of patch, told apart by their media type. */

import { toRfc3339 } from '../../../lib/clock.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { applyServerSide } from '../apply/server-side-apply.ts';
import { ApiFailure, badRequest, notFound, unsupportedMediaType } from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import { type Author, updateAuthor } from '../object/authored.ts';
import { incomingObject } from '../object/incoming.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { PatchError } from '../patch/patch-error.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { type ApiRequest, type WriteMode, writeModeOf } from '../request/api-request.ts';
import { asFields, mediaTypeOf, parseJson, parseYamlText } from '../request/body.ts';
import { rootSchema } from '../schema/object-meta.ts';
import { objectIn, resourceIdOf, type StoredObject } from '../store/stored-object.ts';
import { createObject } from './create.ts';
import type { Facet } from './facet.ts';
import { presentUpdated } from './replace.ts';
import { updateObject } from './update.ts';

const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

export function patch(context: ApiContext, request: ApiRequest, facet: Facet): Reply {
  const { kind, target } = request;
  const mode = writeModeOf(request);
  const live = context.store.get(resourceIdOf(kind.type), refOf(request));
  if (mediaTypeOf(request.contentType) === APPLY) return apply(context, request, { facet, live, mode });
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
  const { object, warnings } = facet.sameKind
    ? incomingObject(fields, request, mode)
    : { object: fields as KubeObject, warnings: [] };
  const next = facet.write(object, objectIn(live, kind.type));
  const updated = updateObject(context, { kind, next, live, mode, author: updateAuthor(request, mode) });
  return withWarnings(presentUpdated(context, request, { facet, updated }), warnings);
}

function refOf({ target: { name = '', namespace } }: ApiRequest) {
  return namespace === undefined ? { name } : { name, namespace };
}

function patched({ kind, contentType, body }: ApiRequest, current: KubeObject): unknown {
  const text = body.toString('utf8');
  switch (mediaTypeOf(contentType)) {
    case MERGE:
      return applyMergePatch(current, asFields(parseJson(text)));
    case JSON_PATCH:
      return applyJsonPatch(current, parseJson(text));
    case STRATEGIC:
      if (kind.strategicMerge) return applyStrategicMergePatch(current, asFields(parseJson(text)), rootSchema(kind));
      throw unsupportedMediaType([JSON_PATCH, MERGE, APPLY]);
    default:
      throw unsupportedMediaType(
        kind.strategicMerge ? [JSON_PATCH, MERGE, STRATEGIC, APPLY] : [JSON_PATCH, MERGE, APPLY],
      );
  }
}

/** Server-side apply: the fields that the manager names become its own, and the object exists afterwards. */
function apply(
  context: ApiContext,
  request: ApiRequest,
  { facet, live, mode }: { facet: Facet; live: StoredObject | undefined; mode: WriteMode },
): Reply {
  const { kind, target, query } = request;
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') {
    throw new ApiFailure(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueRequired',
            message: 'Required value: is required for apply patch',
            field: 'fieldManager',
          },
        ],
      },
    );
  }
  const fields = asFields(parseYamlText(request.body.toString('utf8')));
  if (typeof fields.apiVersion !== 'string' || typeof fields.kind !== 'string') {
    throw badRequest('apiVersion and kind must be set in an apply patch');
  }
  const { object: applied, warnings } = incomingObject(fields, request, mode);
  if (live === undefined && target.subresource !== undefined) throw notFound(kind, target.name ?? '');
  const { object: merged, conflicts } = asFailure(request, () =>
    applyServerSide({
      live: live === undefined ? undefined : objectIn(live, kind.type),
      applied,
      manager,
      force: mode.force,
      subresource: target.subresource ?? '',
      schema: rootSchema(kind),
      at: toRfc3339(context.clock.now()),
    }),
  );
  if (conflicts.length > 0) throw applyConflict(conflicts);
  const author: Author = { operation: 'Apply' };
  if (live === undefined)
    return withWarnings(createObject(context, request, { object: merged, mode, author }), warnings);
  const next = facet.write(merged, objectIn(live, kind.type));
  const updated = updateObject(context, { kind, next, live, mode, author });
  return withWarnings(presentUpdated(context, request, { facet, updated }), warnings);
}

function applyConflict(causes: readonly { message: string; field: string; reason: string }[]): ApiFailure {
  const [first] = causes;
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first?.message}: ${first?.field}`
      : `Apply failed with ${causes.length} conflicts: ${causes.map((cause) => `${cause.message}: ${cause.field}`).join('\n')}`;
  return new ApiFailure(409, 'Conflict', message, { causes });
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
