/** Which endpoint of a cluster takes the next request (istio.md 5.1). */

import type { Cluster } from '../../mesh/table/route-table.ts';

type Loaded = { readonly active: number };

export type LoadBalancer = {
  /** @returns `undefined` only when `endpoints` is empty */
  pick<E extends Loaded>(endpoints: readonly E[], avoid?: readonly E[]): E | undefined;
};

/** @param random numbers in [0, 1) */
export function createLoadBalancer(policy: Cluster['loadBalancer'], random: () => number): LoadBalancer {
  const pickOne = policyOf(policy, random);
  return {
    pick(endpoints, avoid) {
      const others =
        avoid === undefined || avoid.length === 0
          ? endpoints
          : endpoints.filter((endpoint) => !avoid.includes(endpoint));
      const candidates = others.length > 0 ? others : endpoints;
      return candidates.length < 2 ? candidates[0] : candidates[pickOne(candidates)];
    },
  };
}

function policyOf(policy: Cluster['loadBalancer'], random: () => number): (endpoints: readonly Loaded[]) => number {
  switch (policy) {
    case 'ROUND_ROBIN': {
      let turn = 0;
      return (endpoints) => turn++ % endpoints.length;
    }
    case 'RANDOM':
      return (endpoints) => Math.floor(random() * endpoints.length);
    case 'LEAST_REQUEST':
      return (endpoints) => lessLoadedOfTwo(endpoints, random);
    default:
      return policy satisfies never;
  }
}

// Power of two choices: nearly as even as looking at all of them, and no herd on the one that is idle.
function lessLoadedOfTwo(endpoints: readonly Loaded[], random: () => number): number {
  const first = Math.floor(random() * endpoints.length);
  const other = Math.floor(random() * (endpoints.length - 1));
  const second = other >= first ? other + 1 : other;
  return (endpoints[second] as Loaded).active < (endpoints[first] as Loaded).active ? second : first;
}
