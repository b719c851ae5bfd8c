/** Places as Istio writes them: `region/zone/subzone`, from the left as far as known; patterns end with `*` (istio.md 5.5). */

export function regionOf(locality: string): string {
  return locality.split('/')[0] ?? '';
}

/** @returns 0 for the same subzone, 1 for the same zone, 2 for the same region, 3 otherwise */
export function proximityOf(own: string, other: string): 0 | 1 | 2 | 3 {
  const [region = '', zone = '', subzone = ''] = own.split('/');
  const [otherRegion = '', otherZone = '', otherSubzone = ''] = other.split('/');
  if (region !== otherRegion) return 3;
  if (zone !== otherZone) return 2;
  return subzone === otherSubzone ? 0 : 1;
}

/** `us-east/zone1/*` covers what lies in that zone, `us-east` the whole region, `*` everything. */
export function matchesLocality(pattern: string, locality: string): boolean {
  const parts = pattern.split('/');
  const places = locality.split('/');
  return parts.every((part, index) => part === '*' || part === places[index]);
}

/** The labels by which Kubernetes and Istio say where something runs. */
export function topologyLabels(locality: string | undefined): Record<string, string> {
  const [region, zone, subzone] = locality?.split('/') ?? [];
  return {
    ...(region && { 'topology.kubernetes.io/region': region }),
    ...(zone && { 'topology.kubernetes.io/zone': zone }),
    ...(subzone && { 'topology.istio.io/subzone': subzone }),
  };
}
