/**
 * IST0109: two VirtualServices for the mesh must not route the same host for the same callers. What is exported to everybody
 * meets what is exported to some also where wildcards overlap; said once for each VirtualService.
 */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf, namespaceOf } from './analyzed-world.ts';
import { hostsOverlap } from './gateway-hosts.ts';
import { fieldsOf, textsOf } from './loose-fields.ts';
import { inFull, scopesOf } from './service-hosts.ts';

type Claim = { virtualService: KubeObject; name: string; host: string; index: number; scope: string };

export function analyzeConflictingMeshHosts(world: AnalyzedWorld, report: ReportMessage): void {
  const claims = world.ofKind('VirtualService').flatMap(claimsOf);
  const wide = claims.filter(({ scope }) => scope === '*');
  const narrow = claims.filter(({ scope }) => scope !== '*');
  const equals = Map.groupBy(claims, ({ scope, host }) => `${scope}/${host}`);
  for (const [virtualService, own] of Map.groupBy(claims, (claim) => claim.virtualService)) {
    const contested = own.flatMap((claim) => {
      const foreign = claim.scope === '*' ? narrow : wide;
      const rivals = [
        ...(equals.get(`${claim.scope}/${claim.host}`) ?? []),
        ...foreign.filter(({ host }) => hostsOverlap(host, claim.host)),
      ].filter(({ name }) => name !== claim.name);
      return rivals.length === 0 ? [] : [{ claim, rivals }];
    });
    const [first] = contested;
    if (first === undefined) continue;
    const names = [first.claim.name, ...contested.flatMap(({ rivals }) => rivals.map(({ name }) => name))];
    const hosts = [...new Set(contested.map(({ claim }) => claim.host))].sort();
    const text = `${hosts.join(', ')} must be routed by one VirtualService: got ${[...new Set(names)].sort().join(', ')}`;
    report('IST0109', virtualService, `spec.hosts[${first.claim.index}]`, text);
  }
}

function claimsOf(virtualService: KubeObject): Claim[] {
  const { gateways, hosts, exportTo } = fieldsOf(virtualService.spec);
  const attached = textsOf(gateways);
  if (attached.length > 0 && !attached.includes('mesh')) return [];
  const name = fullNameOf(virtualService);
  const hostsInFull = textsOf(hosts).map((host) => inFull(host, namespaceOf(virtualService)));
  return scopesOf(virtualService, textsOf(exportTo)).flatMap((scope) =>
    hostsInFull.map((host, index) => ({ virtualService, name, host, index, scope })),
  );
}
