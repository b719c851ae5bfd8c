/** Nothing new may appear in a namespace that does not exist or is on its way out. */

import type { ApiContext } from '../api-context.ts';
import { ApiFailure, forbidden } from '../failure/api-failure.ts';
import type { ApiRequest } from '../request/api-request.ts';

/** Why `name` may not be created where the request says, or `undefined` when it may. */
export function namespaceFailure(
  { store }: ApiContext,
  { kind, target: { namespace } }: ApiRequest,
  name: string,
): ApiFailure | undefined {
  if (!kind.type.namespaced || namespace === undefined) return undefined;
  const found = store.get('namespaces', { name: namespace });
  if (found === undefined) {
    const details = { name: namespace, kind: 'namespaces' };
    return new ApiFailure(404, 'NotFound', `namespaces "${namespace}" not found`, details);
  }
  if (found.object.metadata.deletionTimestamp === undefined) return undefined;
  return forbidden(kind, name, {
    why: `unable to create new content in namespace ${namespace} because it is being terminated`,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
