/** An API server that lists what it is given, and has none of Istio's kinds beyond that. */

import { ApiError, type KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject, ResourceType } from '../../src/lib/resource.ts';

export function serving(objects: readonly KubeObject[]): KubeClient {
  const list = async ({ kind, group }: ResourceType) => {
    const items = objects.filter((object) => object.kind === kind);
    if (items.length === 0 && group.endsWith('.istio.io'))
      throw new ApiError('no such kind', { status: 404, reason: 'NotFound' });
    return { items, resourceVersion: '1' };
  };
  const target = { context: 'test', server: 'https://test', namespace: 'default' };
  return { target, list, close: async () => {} } as unknown as KubeClient;
}
