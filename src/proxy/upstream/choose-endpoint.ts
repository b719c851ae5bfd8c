/** Which endpoint of a cluster takes a request: by its key if there is one, else as the load balancer decides. */

import { fractionOf, pickByKey } from '../../mesh/table/hash-key.ts';
import type { ClusterState } from './cluster-state.ts';
import { groupFor } from './endpoint-groups.ts';
import type { EndpointState } from './endpoint-state.ts';
import { type BalancingSite, balance } from './load-balancer.ts';

/** @param avoid does not concern requests with a key: they stay with its endpoint (envoy-facts: Retries) */
export function chooseEndpoint(
  { cluster, groups }: ClusterState,
  site: BalancingSite & { hashKey?: string | undefined; avoid?: readonly EndpointState[] | undefined },
): EndpointState | undefined {
  const { hashKey } = site;
  const group = groupFor(groups, hashKey === undefined ? site.random : () => fractionOf(hashKey));
  if (group === undefined) return undefined;
  return hashKey === undefined ? balance(cluster, group, site) : pickByKey(group.endpoints, hashKey);
}
