/** What a caller may reach at all: the Sidecar resource that is about it, if there is one (istio.md §7.4). */

import { isSubsetOf, qualifyHost } from '../schema/host-name.ts';
import type { Sidecar } from '../schema/sidecar.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { Caller, MeshService } from './mesh-input.ts';
import { byAge } from './virtual-service-index.ts';

/** What the caller sees through one port of the services. */
export type EgressScope = {
  seesService(service: Pick<MeshService, 'host' | 'namespace'>): boolean;
  seesVirtualService(virtualService: VirtualService): boolean;
};

const EVERYTHING: EgressScope = { seesService: () => true, seesVirtualService: () => true };
const NOTHING: EgressScope = { seesService: () => false, seesVirtualService: () => false };

/** The one of the caller's namespace that selects it (the oldest), else its default, else the default of the root namespace. */
export function chooseSidecar(
  sidecars: readonly Sidecar[],
  { namespace, labels = {} }: Caller,
  rootNamespace: string,
): Sidecar | undefined {
  if (namespace === undefined) return undefined;
  const sorted = sidecars.toSorted(byAge);
  const selected = sorted.find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace &&
      spec.workloadSelector !== undefined &&
      Object.entries(spec.workloadSelector.labels ?? {}).every(([name, value]) => labels[name] === value),
  );
  const defaultOf = (wanted: string) =>
    sorted.find(({ metadata, spec }) => metadata.namespace === wanted && spec.workloadSelector === undefined);
  return selected ?? defaultOf(namespace) ?? defaultOf(rootNamespace);
}

export type EgressScopes = {
  /** A listener without port is for all ports that have none of their own. */
  at(port: number): EgressScope;
  anySeesService: EgressScope['seesService'];
  anySeesVirtualService: EgressScope['seesVirtualService'];
};

/** What is seen through each port of the services; without a list everything is. */
export function egressScopes(sidecar: Sidecar | undefined, namespace: string): EgressScopes {
  const listeners = (sidecar?.spec.egress ?? []).map(({ port, hosts }) => ({
    port: port?.number,
    scope: scopeOf(hosts, namespace),
  }));
  const rest = listeners.length === 0 ? EVERYTHING : NOTHING;
  const others = listeners.find(({ port }) => port === undefined)?.scope ?? rest;
  const all = [...listeners.map(({ scope }) => scope), others];
  return {
    at: (wanted) => listeners.find(({ port }) => port === wanted)?.scope ?? others,
    anySeesService: (service) => all.some((scope) => scope.seesService(service)),
    anySeesVirtualService: (one) => all.some((scope) => scope.seesVirtualService(one)),
  };
}

function scopeOf(hosts: readonly string[], ownNamespace: string): EgressScope {
  const imports = hosts.map((written) => {
    const [namespace = '', host = ''] = written.toLowerCase().split('/');
    return { namespace: namespace === '.' ? ownNamespace : namespace, host };
  });
  const of = (namespace: string) => imports.filter((each) => each.namespace === '*' || each.namespace === namespace);
  return {
    seesService: ({ host, namespace }) => of(namespace).some((each) => isSubsetOf(host, each.host)),
    seesVirtualService: ({ metadata, spec }) =>
      of(metadata.namespace).some((each) =>
        (spec.hosts ?? []).some((written) => overlap(qualifyHost(written, metadata.namespace), each.host)),
      ),
  };
}

function overlap(one: string, other: string): boolean {
  return one === other || isSubsetOf(one, other) || isSubsetOf(other, one);
}
