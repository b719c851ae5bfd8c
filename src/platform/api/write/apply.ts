/** PATCH as server-side apply: the fields that the manager names become its own, and the object exists afterwards. */

import { toRfc3339 } from '../../../lib/clock.ts';
import { apiVersionOf, type KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { applyServerSide } from '../apply/server-side-apply.ts';
import {
  ApiFailure,
  badRequest,
  conflict,
  invalidOption,
  MODIFIED_MEANWHILE,
  notFound,
} from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import type { Author } from '../object/authored.ts';
import { assertNamed, type Incoming, incomingObject } from '../object/incoming.ts';
import type { ApiRequest, WriteMode } from '../request/api-request.ts';
import { asFields, parseYamlText } from '../request/body.ts';
import { required } from '../schema/causes.ts';
import { rootSchema } from '../schema/object-meta.ts';
import { objectIn, type StoredObject } from '../store/stored-object.ts';
import { createObject } from './create.ts';
import type { Facet } from './facet.ts';
import { presentUpdated } from './replace.ts';
import { SCALE_KIND } from './scale-facet.ts';
import { updateObject } from './update.ts';

type Applying = { facet: Facet; live: StoredObject | undefined; mode: WriteMode };

/** @throws ApiFailure 409 when another manager owns a field with another value, and force was not asked for */
export function apply(context: ApiContext, request: ApiRequest, { facet, live, mode }: Applying): Reply {
  const { kind, target, query } = request;
  const manager = query.get('fieldManager') ?? '';
  if (manager === '') {
    throw invalidOption('PATCH', required('fieldManager', 'is required for apply patch'));
  }
  const { object: applied, warnings } = appliedObject(request, { facet, live, mode });
  if (live === undefined && target.subresource !== undefined) throw notFound(kind, target.name ?? '');
  assertPreconditions(request, applied, live);
  const { object: merged, conflicts } = applyServerSide({
    live: live === undefined ? undefined : objectIn(live, kind.type),
    applied: facet.sameKind ? applied : wholeOf(request, applied, facet),
    manager,
    force: mode.force,
    subresource: target.subresource ?? '',
    schema: rootSchema(kind),
    at: toRfc3339(context.clock.now()),
  });
  if (conflicts.length > 0) throw applyConflict(conflicts);
  const author: Author = { operation: 'Apply' };
  if (live === undefined) {
    return withWarnings(createObject(context, request, { object: merged, mode, author }), warnings);
  }
  const next = facet.sameKind ? facet.write(merged, objectIn(live, kind.type)) : merged;
  const updated = updateObject(context, { kind, next, live, mode, author, isPatch: true });
  return withWarnings(presentUpdated(context, request, { facet, updated }), warnings);
}

function appliedObject({ kind, target, body }: ApiRequest, { facet, live, mode }: Applying): Incoming {
  const wanted = facet.sameKind ? kind : SCALE_KIND;
  const fields = asFields(parseYamlText(body.toString('utf8')) ?? {});
  if (fields.apiVersion !== apiVersionOf(wanted.type) || fields.kind !== wanted.type.kind) {
    const apiVersion = String(fields.apiVersion ?? '');
    const groupVersion = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${groupVersion}, Kind=${String(fields.kind ?? '')}`);
  }
  const { managedFields } = asFields(fields.metadata ?? {});
  if (managedFields !== undefined && managedFields !== null) throw badRequest('metadata.managedFields must be nil');
  if (live === undefined) assertNamed(fields, target);
  return incomingObject(fields, { kind: wanted, target }, mode);
}

/** What a manager says of a scale, said of the whole object: the fields it owns are there. */
function wholeOf({ kind, target }: ApiRequest, scale: KubeObject, facet: Facet): KubeObject {
  const { name = '', namespace } = target;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  return facet.write(scale, { apiVersion: apiVersionOf(kind.type), kind: kind.type.kind, metadata });
}

function assertPreconditions({ kind }: ApiRequest, applied: KubeObject, live: StoredObject | undefined): void {
  const { name, uid, resourceVersion } = applied.metadata;
  if (live === undefined && uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind, name, why);
  }
  if (live !== undefined && resourceVersion && resourceVersion !== live.object.metadata.resourceVersion) {
    throw conflict(kind, name, MODIFIED_MEANWHILE);
  }
}

type Conflict = { message: string; field: string; reason: string };

function applyConflict(causes: readonly Conflict[]): ApiFailure {
  const [first] = causes;
  const count = `${causes.length} conflict${causes.length === 1 ? '' : 's'}`;
  const what = causes.length === 1 ? `${first?.message}: ${first?.field}` : byManager(causes);
  return new ApiFailure(409, 'Conflict', `Apply failed with ${count}: ${what}`, { causes });
}

function byManager(causes: readonly Conflict[]): string {
  const fields = Map.groupBy(causes, ({ message }) => message.replace(/^conflict/, 'conflicts'));
  return [...fields].map(([who, owned]) => `${who}:${owned.map(({ field }) => `\n- ${field}`).join('')}`).join('\n');
}
