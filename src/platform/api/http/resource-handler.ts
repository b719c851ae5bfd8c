/** From method and target to the handler of a request about objects. */

import type { ApiContext } from '../api-context.ts';
import { ApiFailure, methodNotAllowed } from '../failure/api-failure.ts';
import { isBuiltIn } from '../kind-registry.ts';
import { list } from '../read/list.ts';
import { assertReached, versionOf } from '../read/list-options.ts';
import { presentStored } from '../read/present.ts';
import { watch } from '../read/watch.ts';
import { type ApiRequest, isTrue } from '../request/api-request.ts';
import { bind } from '../subresource/binding.ts';
import { podLog } from '../subresource/pod-log.ts';
import { create } from '../write/create.ts';
import { type Facet, mainFacet, statusFacet } from '../write/facet.ts';
import { patch } from '../write/patch.ts';
import { remove, removeCollection } from '../write/remove.ts';
import { liveObject, replace } from '../write/replace.ts';
import { scaleFacet } from '../write/scale-facet.ts';
import { jsonReply, type Reply } from './reply.ts';

/** @throws ApiFailure for everything that is refused */
export function handleResource(context: ApiContext, request: ApiRequest): Reply {
  const { kind, target, method, query } = request;
  const verb = verbOf(request);
  if (verb === undefined || (target.subresource === undefined && !kind.verbs.includes(verb))) throw methodNotAllowed();
  if (target.namespace !== undefined && !kind.type.namespaced) throw pageNotFound();
  if (target.name !== undefined && kind.type.namespaced && target.namespace === undefined) throw pageNotFound();
  if (target.subresource !== undefined) return handleSubresource(context, request);
  switch (method) {
    case 'GET':
      if (isTrue(query.get('watch'))) return watch(context, request);
      if (target.name === undefined) return list(context, request);
      assertReached(versionOf(query.get('resourceVersion')), context.store.version);
      return presentStored(context, request, { stored: liveObject(context, request) });
    case 'POST':
      return create(context, request);
    case 'PUT':
      return replace(context, request, mainFacet(kind));
    case 'PATCH':
      return patch(context, request, mainFacet(kind));
    default:
      return target.name === undefined ? removeCollection(context, request) : remove(context, request);
  }
}

/** What a path that nothing is served at gets. */
export function pageNotFound(): ApiFailure {
  return new ApiFailure(404, 'NotFound', 'the server could not find the requested resource', {});
}

function verbOf({ method, target, query }: ApiRequest): string | undefined {
  const single = target.name !== undefined;
  switch (method) {
    case 'GET':
      if (isTrue(query.get('watch'))) return 'watch';
      return single ? 'get' : 'list';
    case 'POST':
      return single && target.subresource === undefined ? undefined : 'create';
    case 'PUT':
      return single ? 'update' : undefined;
    case 'PATCH':
      return single ? 'patch' : undefined;
    case 'DELETE':
      return single ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

function handleSubresource(context: ApiContext, request: ApiRequest): Reply {
  const { kind, target, method } = request;
  const builtInPod = isBuiltIn(kind) && kind.type.kind === 'Pod';
  if (builtInPod && target.subresource === 'log' && method === 'GET') return podLog(context, request);
  if (builtInPod && target.subresource === 'binding' && method === 'POST') return bind(context, request);
  const facet = facetOf(request);
  if (facet === undefined) throw pageNotFound();
  switch (method) {
    case 'GET':
      return getFacet(context, request, facet);
    case 'PUT':
      return replace(context, request, facet);
    case 'PATCH':
      return patch(context, request, facet);
    default:
      throw methodNotAllowed();
  }
}

function facetOf({ kind, target }: ApiRequest): Facet | undefined {
  if (target.subresource === 'status' && kind.hasStatus) return statusFacet(kind);
  if (target.subresource === 'scale' && kind.scale !== undefined) return scaleFacet(kind, kind.scale);
  return undefined;
}

function getFacet(context: ApiContext, request: ApiRequest, facet: Facet): Reply {
  const stored = liveObject(context, request);
  if (facet.sameKind) return presentStored(context, request, { stored });
  return jsonReply(facet.read(stored.object), { format: request.representation.format });
}
