/** What the DestinationRules say about an upstream, in words. */

import { formatDuration } from '../lib/duration.ts';
import type { Cluster, ClusterLimits, HashPolicy, OutlierPolicy } from '../mesh/table/route-table.ts';

/** Which rules speak about it, if any, and one line of what they say. */
export function policyLines(policy: Cluster): string[] {
  const { destinationRules = [], loadBalancer, hash, limits, localityWeights, outliers, warmup } = policy;
  const { requestsPerConnection } = policy;
  const facts = [
    hash === undefined ? loadBalancer.toLowerCase().replaceAll('_', ' ') : hashText(hash),
    `connects within ${formatDuration(policy.connectTimeoutMs)}`,
    ...limitTexts(limits ?? {}),
    ...(requestsPerConnection === undefined ? [] : [`${requestsPerConnection} requests per connection`]),
    ...(outliers === undefined ? [] : [outlierText(outliers)]),
    ...(localityWeights === undefined ? [] : [`by locality ${sharesText(localityWeights)}`]),
    ...(warmup === undefined ? [] : [`new endpoints warm up for ${formatDuration(warmup.durationMs)}`]),
  ];
  const from = destinationRules.length === 0 ? [] : [`DestinationRule ${destinationRules.join(', ')}`];
  return [...from, facts.join(' · ')];
}

function hashText(hash: HashPolicy): string {
  const source = hash.kind === 'sourceIp' ? 'address of the caller' : `${hash.kind} ${hash.name}`;
  return `one endpoint per ${source}`;
}

function sharesText(weights: Readonly<Record<string, number>>): string {
  return Object.entries(weights)
    .map(([locality, weight]) => `${locality} ${weight}`)
    .join(', ');
}

function limitTexts({ connections, pending, requests, retries }: ClusterLimits): string[] {
  const counts = { connections, 'waiting requests': pending, requests, retries };
  return Object.entries(counts).flatMap(([what, most]) => (most === undefined ? [] : [`at most ${most} ${what}`]));
}

function outlierText({ consecutive5xx, consecutiveGateway, baseEjectionMs }: OutlierPolicy): string {
  const counts = [
    ...(consecutive5xx > 0 ? [`${consecutive5xx} errors`] : []),
    ...(consecutiveGateway > 0 ? [`${consecutiveGateway} gateway errors`] : []),
  ];
  const when = counts.length === 0 ? 'never' : `after ${counts.join(' or ')} in a row`;
  return `ejects for ${formatDuration(baseEjectionMs)} ${when}`;
}
