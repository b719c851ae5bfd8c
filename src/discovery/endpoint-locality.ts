/** Where a pod runs: by its own label, else by those of its node (istio.md 5.5). */

import type { KubeObject } from '../lib/resource.ts';

/** @returns `region/zone/subzone`, from the left as far as known; `undefined` when nobody says it */
export function endpointLocality(pod: KubeObject | undefined, node: KubeObject | undefined): string | undefined {
  const own = pod?.metadata.labels?.['istio-locality'];
  // Labels cannot hold slashes.
  if (own !== undefined && own !== '') return own.includes('/') ? own : own.replaceAll('.', '/');
  const labels = node?.metadata.labels ?? {};
  const places = [
    labels['topology.kubernetes.io/region'],
    labels['topology.kubernetes.io/zone'],
    labels['topology.istio.io/subzone'],
  ];
  const known = places.indexOf(undefined);
  const parts = known === -1 ? places : places.slice(0, known);
  return parts.length === 0 ? undefined : parts.join('/');
}
