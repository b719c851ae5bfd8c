/** Which VirtualService governs a host: the most specific pattern, and of equals the oldest; nothing is merged (istio.md 3.1). */

import type { ErrorCode } from '../../lib/errors.ts';
import { perObject } from '../../lib/per-object.ts';
import type { IstioMeta } from '../schema/envelope.ts';
import { bySpecificity, coversHost, qualifyHost } from '../schema/host-name.ts';
import { appliesToMesh, type VirtualService } from '../schema/virtual-service.ts';
import type { Reports } from './table-issue.ts';

export type VirtualServiceIndex = {
  /** The governor of a registered host. */
  find(host: string): VirtualService | undefined;
  /** By host or pattern. */
  governors: ReadonlyMap<string, VirtualService>;
};

/** Older first; without or with the same age, by name, then namespace. */
export function byAge(a: { metadata: IstioMeta }, b: { metadata: IstioMeta }): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(a.metadata.namespace, b.metadata.namespace)
  );
}

/** @param virtualServices the oldest first */
export function indexVirtualServices(
  virtualServices: readonly VirtualService[],
  reports: Reports,
): VirtualServiceIndex {
  const governors = new Map<string, VirtualService>();
  for (const virtualService of virtualServices) {
    const { metadata } = virtualService;
    const { unserved, hosts } = claimOf(virtualService);
    for (const { path, message } of unserved) reports.about('VirtualService', metadata)(UNSERVED, path, message);
    for (const [index, host] of hosts.entries()) {
      const older = governors.get(host);
      if (older === undefined) governors.set(host, virtualService);
      else if (older !== virtualService) {
        const { name, namespace } = older.metadata;
        const message = `must be routed by one VirtualService: got ${host}, of ${namespace}/${name}`;
        reports.about('VirtualService', metadata)('SL0304', `spec.hosts[${index}]`, message);
      }
    }
  }
  const wildcards = [...governors.keys()].filter((host) => host.startsWith('*')).sort(bySpecificity);
  return {
    find: (host) => governors.get(host) ?? governors.get(wildcards.find((each) => coversHost(each, host)) ?? ''),
    governors,
  };
}

const UNSERVED: ErrorCode = 'SL0302';

/** What a VirtualService asks for beside callers: hosts in full, and things that are not in force there. */
const claimOf = perObject(({ metadata, spec }: VirtualService) => {
  const message = (field: string) =>
    `must be something the bundled proxy serves: got ${field}, which is not in force here`;
  const unserved = [
    ...(appliesToMesh(spec) ? [] : [{ path: 'spec.gateways', message: message('only gateways') }]),
    ...(spec.tcp === undefined ? [] : [{ path: 'spec.tcp', message: message('tcp') }]),
    ...(spec.tls === undefined ? [] : [{ path: 'spec.tls', message: message('tls') }]),
  ];
  const isRouted = appliesToMesh(spec) && spec.http !== undefined;
  return { unserved, hosts: isRouted ? (spec.hosts ?? []).map((each) => qualifyHost(each, metadata.namespace)) : [] };
});

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
