/**
 * Which endpoints are near, and what follows from it (istio.md 5.5): weights of localities with `distribute`, otherwise priorities, but
 * only where outlier detection can find that the near ones fail.
 */

import type { LocalitySpec } from '../schema/destination-rule.ts';
import type { Endpoint } from '../table/route-table.ts';
import { matchesLocality, proximityOf, regionOf, topologyLabels } from './locality.ts';
import type { Caller, ServiceEndpoint } from './mesh-input.ts';

export type PlacedEndpoints = { endpoints: Endpoint[]; localityWeights?: Record<string, number> };

export type PlacingSite = {
  setting: LocalitySpec | undefined;
  caller: Caller;
  /** Whether near endpoints come first: where it would be found that they fail, or the rule asks for it. */
  prefersNear: boolean;
};

export function placeEndpoints(all: readonly ServiceEndpoint[], site: PlacingSite): PlacedEndpoints {
  const { setting = {}, caller, prefersNear } = site;
  if (setting.enabled === false) return { endpoints: all.map((endpoint) => tableEndpoint(endpoint)) };
  const { distribute } = setting;
  if (distribute !== undefined && distribute.length > 0) {
    const rule = distribute.find(({ from }) => matchesLocality(from, caller.locality ?? ''));
    return rule === undefined ? { endpoints: all.map((one) => tableEndpoint(one)) } : distributed(all, rule.to);
  }
  if (!prefersNear) return { endpoints: all.map((endpoint) => tableEndpoint(endpoint)) };
  return { endpoints: prioritized(all, setting, caller) };
}

// A pattern's weight is split among the localities that it covers, by the weight of their endpoints; others get nothing.
function distributed(all: readonly ServiceEndpoint[], to: Readonly<Record<string, number>>): PlacedEndpoints {
  const localities = Map.groupBy(all, ({ locality = '' }) => locality);
  const localityWeights: Record<string, number> = {};
  for (const [pattern, share] of Object.entries(to)) {
    const covered = [...localities].filter(
      ([locality]) => localityWeights[locality] === undefined && matchesLocality(pattern, locality),
    );
    const total = covered.reduce((sum, [, endpoints]) => sum + weightOf(endpoints), 0);
    for (const [locality, endpoints] of covered) {
      localityWeights[locality] = Math.ceil((share * weightOf(endpoints)) / total);
    }
  }
  const kept = all.filter(({ locality = '' }) => localityWeights[locality] !== undefined);
  return { endpoints: kept.map((endpoint) => tableEndpoint(endpoint)), localityWeights };
}

function weightOf(endpoints: readonly ServiceEndpoint[]): number {
  return endpoints.reduce((sum, { weight = 1 }) => sum + weight, 0);
}

function prioritized(all: readonly ServiceEndpoint[], setting: LocalitySpec, caller: Caller): Endpoint[] {
  const { failover, failoverPriority = [] } = setting;
  const ranks = all.map((endpoint) => {
    const labelRank = failoverPriority.length === 0 ? 0 : labelRankOf(endpoint, failoverPriority, caller);
    const isByPlace = caller.locality !== undefined && (failoverPriority.length === 0 || failover !== undefined);
    return labelRank * 5 + (isByPlace ? placeRankOf(endpoint, failover, caller.locality ?? '') : 0);
  });
  // Without gaps: an empty priority would be one without health.
  const order = [...new Set(ranks)].sort((a, b) => a - b);
  return all.map((endpoint, index) => tableEndpoint(endpoint, order.indexOf(ranks[index] ?? 0)));
}

// 0 is the same place; of other regions the one that the rule names comes first.
function placeRankOf({ locality = '' }: ServiceEndpoint, failover: LocalitySpec['failover'], own: string): number {
  const rank = proximityOf(own, locality);
  if (rank < 3) return rank;
  const rule = failover?.find(({ from }) => from === regionOf(own));
  return rule !== undefined && rule.to !== regionOf(locality) ? 4 : 3;
}

// How many labels, from the first on, are not the caller's.
function labelRankOf(endpoint: ServiceEndpoint, names: readonly string[], caller: Caller): number {
  const own = { ...caller.labels, ...topologyLabels(caller.locality) };
  const theirs = { ...endpoint.labels, ...topologyLabels(endpoint.locality) };
  const differs = names.findIndex((written) => {
    const [name = '', value = own[name]] = written.split('=');
    return value === undefined || theirs[name] !== value;
  });
  return differs === -1 ? 0 : names.length - differs;
}

function tableEndpoint({ address, workload, weight, locality }: ServiceEndpoint, priority = 0): Endpoint {
  return {
    address,
    labels: workload,
    ...(weight !== undefined && weight !== 1 && { weight }),
    ...(priority > 0 && { priority }),
    ...(locality !== undefined && { locality }),
  };
}
