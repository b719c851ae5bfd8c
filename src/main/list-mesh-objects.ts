/** Everything that routing depends on, as an API server has it now. Kinds that it does not have are left out. */

import { ApiError, type KubeClient } from '../kube/kube-client.ts';
import { DEPLOYMENT, ENDPOINT_SLICE, NAMESPACE, NODE, POD, REPLICA_SET, SERVICE } from '../kube/resource-types.ts';
import type { KubeObject, ResourceType } from '../lib/resource.ts';
import { ANALYZED_ISTIO_KINDS } from '../mesh/analyze/analyzed-kinds.ts';
import { DESTINATION_RULE, VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';

/** Without these nothing can be said. */
const REQUIRED: readonly ResourceType[] = [SERVICE, ENDPOINT_SLICE];
const OPTIONAL: readonly ResourceType[] = [
  ...[POD, REPLICA_SET, NODE, NAMESPACE, DEPLOYMENT, VIRTUAL_SERVICE, DESTINATION_RULE],
  ...ANALYZED_ISTIO_KINDS,
];

export async function listMeshObjects(client: KubeClient): Promise<KubeObject[]> {
  const list = async (type: ResourceType) => (await client.list(type)).items;
  const lists = await Promise.all([
    ...REQUIRED.map(list),
    ...OPTIONAL.map((type) => list(type).catch((thrown) => withoutKind(thrown))),
  ]);
  return lists.flat();
}

// No such kind, or none of this user's business: what can be read is analysed.
function withoutKind(thrown: unknown): KubeObject[] {
  if (thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 403)) return [];
  throw thrown;
}
