/** What a caller sees of the mesh, port by port, and what becomes of requests for names that it does not see (istio.md §7.4). */

import type { Ordering } from '../../lib/ordering.ts';
import { perObject } from '../../lib/per-object.ts';
import { qualifyHost } from '../schema/host-name.ts';
import type { MeshSettings } from '../schema/mesh-config.ts';
import type { Sidecar } from '../schema/sidecar.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { VirtualHost } from '../table/route-table.ts';
import type { MeshInput, MeshService } from './mesh-input.ts';
import { chooseSidecar, type EgressScope, egressScopes } from './sidecar-scope.ts';
import { isVisibleIn } from './visibility.ts';

export type OutboundScope = {
  at(port: number): EgressScope;
  /** Services with clusters: those that are seen, and destinations of VirtualServices that are. */
  services: readonly MeshService[];
  /** Takes requests for names that nobody has; absent where they go their way. */
  lastHost: VirtualHost | undefined;
};

export type OutboundSite = {
  /** That the caller may see. */
  virtualServices: readonly VirtualService[];
  mesh: MeshSettings;
  byHost: Ordering<MeshService>;
};

export function outboundScope(input: MeshInput, { virtualServices, mesh, byHost }: OutboundSite): OutboundScope {
  const { caller = {}, sidecars = [], role } = input;
  const sidecar = role === 'gateway' ? undefined : chooseSidecar(sidecars, caller, mesh.rootNamespace);
  const scopes = egressScopes(sidecar, caller.namespace ?? '');
  const visible = input.services.filter((service) => isVisible(service, caller.namespace));
  let destinations: ReadonlySet<string> | undefined;
  const isDestination = (host: string): boolean => {
    // Asked for by nobody where everything is seen.
    destinations ??= new Set(
      virtualServices.filter((one) => scopes.anySeesVirtualService(one)).flatMap(destinationsOf),
    );
    return destinations.has(host);
  };
  const reachable = visible.filter((one) => scopes.anySeesService(one) || isDestination(one.host));
  const isClosed =
    role !== 'gateway' && caller.namespace !== undefined && outboundMode(sidecar, mesh) === 'REGISTRY_ONLY';
  return {
    at: scopes.at,
    services: byHost.sort(onePerHost(reachable, caller.namespace)),
    lastHost: isClosed ? BLOCK_ALL : undefined,
  };
}

/** As Istio names it; it stands for every port. */
const BLOCK_ALL: VirtualHost = {
  name: 'block_all',
  domains: ['*'],
  routes: [{ name: 'block_all', action: { kind: 'directResponse', status: 502, body: '' } }],
};

// A policy without mode is the first of Istio's modes.
function outboundMode(sidecar: Sidecar | undefined, mesh: MeshSettings): 'ALLOW_ANY' | 'REGISTRY_ONLY' {
  const policy = sidecar?.spec.outboundTrafficPolicy;
  return policy === undefined ? mesh.outboundTrafficPolicy.mode : (policy.mode ?? 'REGISTRY_ONLY');
}

function isVisible(service: MeshService, namespace: string | undefined): boolean {
  const { exportTo } = service;
  return exportTo === undefined || isVisibleIn({ metadata: service, spec: { exportTo } }, namespace);
}

/** Hosts in full. */
const destinationsOf = perObject(({ metadata, spec }: VirtualService): string[] =>
  (spec.http ?? []).flatMap(({ route = [], mirror, mirrors = [] }) =>
    [
      ...route.map(({ destination }) => destination),
      ...(mirror ? [mirror] : []),
      ...mirrors.map((each) => each.destination),
    ].map(({ host }) => qualifyHost(host, metadata.namespace)),
  ),
);

// Of two services of one host the caller's own namespace has the better one.
function onePerHost(services: readonly MeshService[], namespace: string | undefined): MeshService[] {
  const isForeign = (service: MeshService) => Number(service.namespace !== namespace);
  const byHost = new Map<string, MeshService>();
  for (const service of services.toSorted((a, b) => isForeign(a) - isForeign(b))) {
    if (!byHost.has(service.host)) byHost.set(service.host, service);
  }
  return [...byHost.values()];
}
