/** What goes beyond single verbs: server-side apply, and addressing a kind by its manifest. */

import { apiVersionOf, type KubeObject, type ObjectRef, type ResourceType } from '../lib/resource.ts';
import type { KubeClient } from './kube-client.ts';
import { statusError } from './status-error.ts';

/** Server-side apply of a manifest; creates the object when it is not there. `force` takes fields over from others. */
export function applyObject<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType,
  object: T,
  { fieldManager, force = false, dryRun = false }: { fieldManager: string; force?: boolean; dryRun?: boolean },
): Promise<T> {
  const { name, namespace } = object.metadata;
  const ref: ObjectRef = namespace === undefined ? { name } : { name, namespace };
  return client.patch<T>(type, ref, object, { strategy: 'apply', fieldManager, force, dryRun });
}

type DiscoveredKind = { name: string; kind: string; namespaced: boolean };

const discovered = new WeakMap<KubeClient, Map<string, readonly ResourceType[]>>();

/**
 * How the server addresses a kind. What a group serves is remembered per client, and read again when the kind is not in it: a
 * CustomResourceDefinition may have been installed since.
 *
 * @returns `undefined` when the server does not serve the kind
 */
export async function resolveResourceType(
  client: KubeClient,
  apiVersion: string,
  kind: string,
): Promise<ResourceType | undefined> {
  const known = discovered.get(client) ?? new Map<string, readonly ResourceType[]>();
  discovered.set(client, known);
  const found = known.get(apiVersion)?.find((type) => type.kind === kind);
  if (found !== undefined) return found;
  const types = await discover(client, apiVersion);
  known.set(apiVersion, types);
  return types.find((type) => type.kind === kind);
}

async function discover(client: KubeClient, apiVersion: string): Promise<readonly ResourceType[]> {
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const answer = await client.raw({ method: 'GET', path });
  if (answer.status === 404) return [];
  if (400 <= answer.status) throw statusError(answer, `Discovering ${apiVersionOf({ group, version })}`);
  const { resources = [] } = JSON.parse(answer.text) as { resources?: DiscoveredKind[] };
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced }) => ({ group, version, kind, plural: name, namespaced }));
}
