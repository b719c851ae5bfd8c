/** Which endpoint of a group takes the next request (istio.md 5.1). */

import type { Cluster } from '../../mesh/table/route-table.ts';
import type { EndpointGroup } from './endpoint-groups.ts';

type Loaded = {
  readonly active: number;
  readonly weight: number;
  /** When it came (monotonic). */
  readonly addedMs: number;
  /** What it has to take before others, where weights differ. */
  credit: number;
};

export type BalancingSite = {
  nowMs: number;
  /** Numbers in [0, 1). */
  random: () => number;
};

type Balancing = Pick<Cluster, 'loadBalancer' | 'warmup'>;

/** @param avoid is taken only when there is no other; @returns `undefined` only when the group is empty */
export function balance<E extends Loaded>(
  cluster: Balancing,
  group: EndpointGroup<E>,
  { nowMs, random, avoid }: BalancingSite & { avoid?: readonly E[] | undefined },
): E | undefined {
  const candidates = avoid === undefined ? group.endpoints : othersIn(group.endpoints, avoid);
  if (candidates.length < 2) return candidates[0];
  const isEven = group.isEven && !isWarming(cluster, candidates, nowMs);
  if (!isEven) return pickUneven(cluster, candidates, { nowMs, random });
  switch (cluster.loadBalancer) {
    case 'ROUND_ROBIN':
      return candidates[group.turn++ % candidates.length];
    case 'RANDOM':
      return candidates[Math.floor(random() * candidates.length)];
    case 'LEAST_REQUEST':
      return lessLoadedOfTwo(candidates, random);
    default:
      return cluster.loadBalancer satisfies never;
  }
}

function othersIn<E>(endpoints: readonly E[], avoid: readonly E[]): readonly E[] {
  const others = endpoints.filter((endpoint) => !avoid.includes(endpoint));
  return others.length > 0 ? others : endpoints;
}

// Power of two choices: nearly as even as looking at all of them, and no herd on the one that is idle.
function lessLoadedOfTwo<E extends Loaded>(endpoints: readonly E[], random: () => number): E {
  const first = Math.floor(random() * endpoints.length);
  const other = Math.floor(random() * (endpoints.length - 1));
  const second = other >= first ? other + 1 : other;
  const [one, two] = [endpoints[first] as E, endpoints[second] as E];
  return two.active < one.active ? two : one;
}

function pickUneven<E extends Loaded>(cluster: Balancing, endpoints: readonly E[], site: BalancingSite): E | undefined {
  const { loadBalancer, warmup } = cluster;
  if (loadBalancer === 'RANDOM') return drawByWeight(endpoints, site.random);
  return takeTurnByWeight(endpoints, (endpoint) => {
    const weight = endpoint.weight * warmthOf(endpoint, warmup, site.nowMs);
    return loadBalancer === 'LEAST_REQUEST' ? weight / (endpoint.active + 1) : weight;
  });
}

function drawByWeight<E extends Loaded>(endpoints: readonly E[], random: () => number): E | undefined {
  let drawn = random() * endpoints.reduce((sum, { weight }) => sum + weight, 0);
  for (const endpoint of endpoints) {
    drawn -= endpoint.weight;
    if (drawn < 0) return endpoint;
  }
  return endpoints.at(-1);
}

// Everybody's credit grows by the weight; who has most of it takes the turn and pays for all: exact shares, evenly spread.
function takeTurnByWeight<E extends Loaded>(endpoints: readonly E[], weightOf: (endpoint: E) => number): E | undefined {
  let total = 0;
  let best: E | undefined;
  for (const endpoint of endpoints) {
    const weight = weightOf(endpoint);
    endpoint.credit += weight;
    total += weight;
    if (best === undefined || endpoint.credit > best.credit) best = endpoint;
  }
  if (best !== undefined) best.credit -= total;
  return best;
}

function isWarming({ loadBalancer, warmup }: Balancing, endpoints: readonly Loaded[], nowMs: number): boolean {
  if (warmup === undefined || loadBalancer === 'RANDOM') return false;
  return endpoints.some(({ addedMs }) => nowMs < addedMs + warmup.durationMs);
}

/** The part of its share that an endpoint gets while it is new (istio.md 5.1: Warm-up). */
export function warmthOf({ addedMs }: { addedMs: number }, warmup: Cluster['warmup'], nowMs: number): number {
  if (warmup === undefined) return 1;
  const ageMs = Math.max(nowMs - addedMs, 1_000);
  if (ageMs >= warmup.durationMs) return 1;
  return Math.max(warmup.leastShare, (ageMs / warmup.durationMs) ** (1 / warmup.aggression));
}
