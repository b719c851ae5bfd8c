/** `localityLbSetting` and `zoneAwareLbSetting`: what Istio refuses of them (istio.md §5.5 and §11). */

import type { Issue } from '../../lib/issue.ts';
import type { TrafficPolicySpec } from './destination-rule.ts';

type LoadBalancer = NonNullable<TrafficPolicySpec['loadBalancer']>;
type LocalityLb = NonNullable<LoadBalancer['localityLbSetting']>;
type ZoneAwareLb = NonNullable<LoadBalancer['zoneAwareLbSetting']>;
type Locality = Pick<LoadBalancer, 'localityLbSetting' | 'zoneAwareLbSetting'>;

export function validateLocalityLb({ localityLbSetting, zoneAwareLbSetting }: Locality, path: string): Issue[] {
  if (localityLbSetting !== undefined && zoneAwareLbSetting !== undefined) {
    return [{ path, message: 'must have only one of localityLbSetting and zoneAwareLbSetting: got both' }];
  }
  return [
    ...validateSetting(localityLbSetting ?? {}, `${path}.localityLbSetting`),
    ...validateFailover(zoneAwareLbSetting ?? {}, `${path}.zoneAwareLbSetting`),
  ];
}

/** Without outlier detection nobody learns that a locality fails, so that traffic never moves. */
export function warnLocalityLb(
  { loadBalancer, outlierDetection }: Pick<TrafficPolicySpec, 'loadBalancer' | 'outlierDetection'>,
  path: string,
): Issue[] {
  const { localityLbSetting, zoneAwareLbSetting } = loadBalancer ?? {};
  const { failover, failoverPriority } = localityLbSetting ?? zoneAwareLbSetting ?? {};
  const moves = [failover, failoverPriority].some((list) => (list ?? []).length > 0);
  return moves && outlierDetection === undefined
    ? [{ path: `${path}.outlierDetection`, message: 'must be set for failover to happen: got nothing' }]
    : [];
}

function validateSetting(setting: LocalityLb, path: string): Issue[] {
  const { distribute = [], failover = [] } = setting;
  return [
    ...(distribute.length > 0 && failover.length > 0
      ? [{ path, message: 'must have only one of distribute and failover: got both' }]
      : []),
    ...validateLocalities(
      distribute.map(({ from }) => from),
      `${path}.distribute`,
    ),
    ...distribute.flatMap(({ to }, index) => validateShares(to, `${path}.distribute[${index}].to`)),
    ...validateFailover(setting, path),
  ];
}

function validateShares(to: Readonly<Record<string, number>>, path: string): Issue[] {
  const shares = Object.entries(to);
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  return [
    ...validateLocalities(Object.keys(to), path),
    ...shares
      .filter(([, share]) => share < 1 || share > 100)
      .map(([locality, share]) => ({ path: `${path}["${locality}"]`, message: `must be from 1 to 100: got ${share}` })),
    ...(total === 100 ? [] : [{ path, message: `must have shares with a sum of 100: got ${total}` }]),
  ];
}

/** Each locality is named once: none lies within one that stands before it, be it by a wildcard or by what it leaves out. */
export function validateLocalities(localities: readonly string[], path: string): Issue[] {
  return localities.flatMap((locality, index) => {
    const isWhole = locality.split('/').every((part) => part !== '');
    if (!isWhole || locality.slice(0, -1).includes('*')) {
      return [{ path, message: `must be REGION/ZONE/SUBZONE, with * only at the end: got ${locality}` }];
    }
    const other = localities.slice(0, index).find((before) => overlaps(before, locality));
    return other === undefined ? [] : [{ path, message: `must not overlap: got ${other} and ${locality}` }];
  });
}

function overlaps(before: string, locality: string): boolean {
  const taken = before.split('/');
  for (const [index, part] of locality.split('/').entries()) {
    if ((taken[index] ?? '*') === '*') return true;
    if (taken[index] !== part) return false;
  }
  return true;
}

function validateFailover({ failover = [], failoverPriority = [] }: ZoneAwareLb, path: string): Issue[] {
  const hasTopology = failoverPriority.some((label) =>
    /^topology\.kubernetes\.io\/|^topology\.istio\.io\/subzone/.test(label),
  );
  return [
    ...failover.flatMap(({ from, to }, index) => {
      const place = `${path}.failover[${index}]`;
      if (from === to) return [{ path: place, message: `must lead to another region: got ${from} twice` }];
      return [from, to]
        .filter((region) => /[/*]/.test(region))
        .map((region) => ({ path: place, message: `must be a region without / and *: got ${region}` }));
    }),
    ...(failover.length > 0 && hasTopology
      ? [{ path: `${path}.failoverPriority`, message: 'must not name region, zone or subzone beside failover' }]
      : []),
  ];
}
