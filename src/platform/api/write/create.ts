/** POST of a new object, and the creation that an apply to a missing one means. */

import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt } from '../builtin/field-access.ts';
import { ApiFailure, alreadyExists, conflict, invalid, methodNotAllowed } from '../failure/api-failure.ts';
import { type Reply, withWarnings } from '../http/reply.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { type Author, authored, updateAuthor } from '../object/authored.ts';
import { countsGenerations } from '../object/generation.ts';
import { assertNamed, incomingObject } from '../object/incoming.ts';
import { newMetadata } from '../object/system-metadata.ts';
import { presentObject, presentStored } from '../read/present.ts';
import type { ApiRequest, WriteMode } from '../request/api-request.ts';
import { writeModeOf } from '../request/api-request.ts';
import { decodeObject } from '../request/body.ts';
import { ruleOf, withInitialStatus } from '../rules/kind-rules.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { validateObject } from '../schema/validate.ts';
import { resourceIdOf } from '../store/stored-object.ts';
import { namespaceFailure } from './namespace-failure.ts';

export function create(context: ApiContext, request: ApiRequest): Reply {
  return createFrom(context, request, decodeObject(request.body, request.contentType, request.kind.type.kind));
}

/** As in a cluster: controllers of these write without asking first whether the object is there. */
const CREATED_BY_PUT = new Set(['endpoints', 'events', 'leases.coordination.k8s.io', 'services']);

export function isCreatedByPut(kind: KindDefinition): boolean {
  return isBuiltIn(kind) && CREATED_BY_PUT.has(resourceIdOf(kind.type));
}

/** PUT of an object that is not there; its version says nothing then, and its uid says that it should be. */
export function createByPut(context: ApiContext, request: ApiRequest): Reply {
  const fields = decodeObject(request.body, request.contentType);
  assertNamed(fields, request.target);
  const { uid, resourceVersion: _version, ...metadata } = fieldsAt(fields, 'metadata');
  if (uid) {
    const why = `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: `;
    throw conflict(request.kind, request.target.name ?? '', why);
  }
  return createFrom(context, request, { ...fields, metadata });
}

function createFrom(context: ApiContext, request: ApiRequest, fields: Record<string, unknown>): Reply {
  const mode = writeModeOf(request);
  const { object, warnings } = incomingObject(fields, request, mode);
  return withWarnings(createObject(context, request, { object, mode, author: updateAuthor(request, mode) }), warnings);
}

/**
 * @param object pruned, with the name and namespace of the request
 * @throws ApiFailure 404 or 403 for the namespace, 409 when the name is taken, 422 with every cause
 */
export function createObject(
  context: ApiContext,
  request: ApiRequest,
  { object, mode, author }: { object: KubeObject; mode: WriteMode; author: Author },
): Reply {
  const { kind, target } = request;
  if (kind.type.namespaced && target.namespace === undefined) {
    throw methodNotAllowed();
  }
  const fresh = completed(context, request, object);
  const { name } = fresh.metadata;
  const failure = namespaceFailure(context, request, name);
  if (failure?.reason === 'NotFound') throw failure;
  const rule = ruleOf(kind);
  const causes = [
    ...validateObject(kind, fresh),
    ...(rule.validate?.(fresh) ?? []),
    ...(rule.check?.(fresh, context) ?? []),
  ];
  if (causes.length > 0) throw invalid(kind, name ?? '', causes);
  if (context.store.get(resourceIdOf(kind.type), fresh.metadata) !== undefined) throw alreadyExists(kind, name);
  if (failure !== undefined) throw failure;
  rule.prepare?.(fresh, context);
  const created = authored(context, kind, { old: undefined, next: fresh, author });
  if (mode.dryRun) return presentObject(context, request, { object: created, status: 201 });
  const stored = context.store.put(resourceIdOf(kind.type), created);
  return presentStored(context, request, { stored, status: 201 });
}

function completed({ clock, random }: ApiContext, { kind }: ApiRequest, object: KubeObject): KubeObject {
  if (object.metadata.resourceVersion)
    throw new ApiFailure(500, '', 'resourceVersion should not be set on objects to be created');
  const metadata = newMetadata(object.metadata, { now: clock.now(), random });
  const counted = countsGenerations(kind) ? { ...metadata, generation: 1 } : metadata;
  return applyDefaults(kind, withInitialStatus(kind, { ...object, metadata: counted }));
}
