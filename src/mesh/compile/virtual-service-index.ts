/** Which VirtualService governs a host: the most specific pattern, and of equals the oldest; nothing is merged (istio.md 3.1). */

import type { IstioMeta } from '../schema/envelope.ts';
import { bySpecificity, coversHost, qualifyHost } from '../schema/host-name.ts';
import { appliesToMesh, type VirtualService } from '../schema/virtual-service.ts';
import type { createReports } from './table-issue.ts';

export type VirtualServiceIndex = {
  /** The governor of a registered host. */
  find(host: string): VirtualService | undefined;
  /** Patterns with their governors, most specific first. */
  entries(): readonly { host: string; virtualService: VirtualService }[];
};

/** Older first; without or with the same age, by name, then namespace. */
export function byAge(a: { metadata: IstioMeta }, b: { metadata: IstioMeta }): number {
  return (
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) ||
    compare(a.metadata.name, b.metadata.name) ||
    compare(a.metadata.namespace, b.metadata.namespace)
  );
}

export function indexVirtualServices(
  virtualServices: readonly VirtualService[],
  reports: ReturnType<typeof createReports>,
): VirtualServiceIndex {
  const governors = new Map<string, VirtualService>();
  for (const virtualService of virtualServices.toSorted(byAge)) {
    const { metadata, spec } = virtualService;
    const report = reports.about('VirtualService', metadata);
    reportUnserved(virtualService, report);
    if (!appliesToMesh(spec) || spec.http === undefined) continue;
    for (const [index, written] of (spec.hosts ?? []).entries()) {
      const host = qualifyHost(written, metadata.namespace);
      const older = governors.get(host);
      if (older === undefined) governors.set(host, virtualService);
      else if (older !== virtualService) {
        const { name, namespace } = older.metadata;
        report(
          'SL0304',
          `spec.hosts[${index}]`,
          `must be routed by one VirtualService: got ${host}, of ${namespace}/${name}`,
        );
      }
    }
  }
  const entries = [...governors]
    .map(([host, virtualService]) => ({ host, virtualService }))
    .sort((a, b) => bySpecificity(a.host, b.host));
  const wildcards = entries.filter(({ host }) => host.startsWith('*'));
  return {
    find: (host) => governors.get(host) ?? wildcards.find((entry) => coversHost(entry.host, host))?.virtualService,
    entries: () => entries,
  };
}

function reportUnserved(
  { spec }: VirtualService,
  report: (code: 'SL0302', path: string, message: string) => void,
): void {
  const unserved = (field: string) =>
    `must be something the bundled proxy serves: got ${field}, which is not in force here`;
  if (!appliesToMesh(spec)) report('SL0302', 'spec.gateways', unserved('only gateways'));
  if (spec.tcp !== undefined) report('SL0302', 'spec.tcp', unserved('tcp'));
  if (spec.tls !== undefined) report('SL0302', 'spec.tls', unserved('tls'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
