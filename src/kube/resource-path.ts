/** Where an object lives on an API server: paths and queries, with every variable part encoded. */

import type { ObjectRef, ResourceType } from '../lib/resource.ts';

type Place = { namespace?: string | undefined; name?: string; subresource?: string | undefined };

/** The path of a collection or, with a name, of one object: `/apis/apps/v1/namespaces/shop/deployments/web/status`. */
export function resourcePath({ group, version, plural, namespaced }: ResourceType, place: Place): string {
  const root = group === '' ? ['api', version] : ['apis', group, version];
  const scope = namespaced && place.namespace !== undefined ? ['namespaces', place.namespace] : [];
  const rest = [plural, place.name, place.subresource].filter((part) => part !== undefined);
  return `/${[...root, ...scope, ...rest].map(encodeURIComponent).join('/')}`;
}

/** `?a=1&b=2`; absent values are left out, and nothing at all is the empty string. */
export function queryOf(parameters: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

/** `Deployment shop/web`, for messages. */
export function describeRef({ kind }: Pick<ResourceType, 'kind'>, { namespace, name }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
