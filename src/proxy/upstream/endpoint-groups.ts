/**
 * How the requests of a cluster are divided before a load balancer sees them: by priority, of which a lower one gets what the
 * higher ones have no health for, and by weighted locality (istio.md 5.5). Computed when endpoints or their health change.
 */

import type { Cluster } from '../../mesh/table/route-table.ts';

/** A priority or locality keeps all its requests until fewer than 1 in 1.4 of its endpoints are healthy. */
const SPARE = 1.4;

export type Grouped = {
  readonly endpoint: { readonly weight?: number; readonly priority?: number; readonly locality?: string };
  readonly weight: number;
};

export type EndpointGroup<E> = {
  endpoints: readonly E[];
  /** Whether all of them weigh the same. */
  isEven: boolean;
  /** The group takes draws below this number and above that of the group before. */
  below: number;
  /** Whose turn it is. */
  turn: number;
};

/** @param healthy those of `all` that may be sent requests */
export function groupEndpoints<E extends Grouped>(
  all: readonly E[],
  healthy: readonly E[],
  localityWeights: Cluster['localityWeights'],
): EndpointGroup<E>[] {
  const shares = localityWeights === undefined ? byPriority(all, healthy) : byLocality(all, healthy, localityWeights);
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  let below = 0;
  return shares.flatMap(({ share, endpoints }) => {
    if (share === 0) return [];
    below += share / total;
    return [{ endpoints, isEven: endpoints.every(({ weight }) => weight === endpoints[0]?.weight), below, turn: 0 }];
  });
}

/** @param draw in [0, 1) @returns `undefined` only when there is no group */
export function groupFor<E>(groups: readonly EndpointGroup<E>[], draw: () => number): EndpointGroup<E> | undefined {
  if (groups.length < 2) return groups[0];
  const drawn = draw();
  return groups.find(({ below }) => drawn < below) ?? groups.at(-1);
}

type Share<E> = { share: number; endpoints: readonly E[] };

// Envoy counts in whole per cent.
function byPriority<E extends Grouped>(all: readonly E[], healthy: readonly E[]): Share<E>[] {
  if (all.every(({ endpoint }) => endpoint.priority === undefined))
    return [{ share: healthy.length, endpoints: healthy }];
  const totals = Map.groupBy(all, priorityOf);
  const tiers = Map.groupBy(healthy, priorityOf);
  let left = 100;
  return [...totals.keys()]
    .sort((a, b) => a - b)
    .map((priority) => {
      const endpoints = tiers.get(priority) ?? [];
      const percent = (100 * SPARE * endpoints.length) / (totals.get(priority)?.length ?? 1);
      const health = endpoints.length === 0 ? 0 : Math.max(1, Math.floor(percent));
      const share = Math.min(left, health);
      left -= share;
      return { share, endpoints };
    });
}

function priorityOf({ endpoint }: Grouped): number {
  return endpoint.priority ?? 0;
}

function byLocality<E extends Grouped>(
  all: readonly E[],
  healthy: readonly E[],
  weights: NonNullable<Cluster['localityWeights']>,
): Share<E>[] {
  const localityOf = ({ endpoint }: E) => endpoint.locality ?? '';
  const totals = Map.groupBy(all, localityOf);
  return [...Map.groupBy(healthy, localityOf)].map(([locality, endpoints]) => {
    const health = endpoints.length / (totals.get(locality)?.length ?? 1);
    return { share: (weights[locality] ?? 0) * Math.min(1, SPARE * health), endpoints };
  });
}
