/** Services that a ServiceEntry declares, with the places where they are reached (istio.md 7.1). */

import { isIP } from 'node:net';
import type { MeshService, ServiceEndpoint, ServicePort } from '../mesh/compile/mesh-input.ts';
import { portProtocol } from '../mesh/compile/port-protocol.ts';
import type { ServiceEntry, ServiceEntrySpec } from '../mesh/schema/service-entry.ts';
import type { WorkloadEntry, WorkloadEntrySpec } from '../mesh/schema/workload-entry.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';
import { unknownWorkload } from './workload-labels.ts';

/** What entries refer to beyond themselves. */
export type EntrySurroundings = {
  workloads: readonly WorkloadEntry[];
  /** Addresses of a DNS name, as far as they are known now. */
  lookup: (name: string) => readonly string[];
  /** Pods that the entry selects, on one of their ports. */
  podsAt: (port: number) => readonly ServiceEndpoint[];
};

/** One service per host of the entry. */
export function serviceEntryServices({ metadata, spec }: ServiceEntry, surroundings: EntrySurroundings): MeshService[] {
  const { podsAt } = surroundings;
  const isSelecting = spec.workloadSelector !== undefined && (spec.resolution ?? 'NONE') !== 'NONE';
  return spec.hosts.map((written) => {
    const host = written.toLowerCase();
    const places = placesOf(host, { metadata, spec }, surroundings);
    const addresses = (spec.addresses ?? []).filter((address) => isIP(address) !== 0);
    return {
      host,
      name: host.split('.')[0] ?? host,
      namespace: metadata.namespace,
      ports: (spec.ports ?? []).map((port) =>
        servicePort(port, { places, podsAt: isSelecting ? podsAt : nowhere }, { host, namespace: metadata.namespace }),
      ),
      ...(addresses.length > 0 && { addresses }),
      ...((spec.resolution ?? 'NONE') === 'NONE' && { isPassedThrough: true }),
      ...(spec.exportTo && { exportTo: spec.exportTo }),
    };
  });
}

/** Where the service is, port by port to be completed; every address is an IP address, or what `lookup` made of a name. */
function placesOf(
  host: string,
  { metadata, spec }: ServiceEntry,
  { workloads, lookup }: EntrySurroundings,
): WorkloadEntrySpec[] {
  const { resolution = 'NONE', endpoints = [], addresses = [], workloadSelector } = spec;
  const resolved = (place: WorkloadEntrySpec): WorkloadEntrySpec[] => {
    const { address = '' } = place;
    if (address === '' || address.startsWith('unix:')) return [];
    if (isIP(address) !== 0) return [place];
    const found = lookup(address);
    // Round robin is among connections: each goes to the first address that DNS gives.
    return (resolution === 'DNS_ROUND_ROBIN' ? found.slice(0, 1) : found).map((each) => ({ ...place, address: each }));
  };
  const fixed = addresses.filter((address) => isIP(address) !== 0).map((address) => ({ address }));
  if (workloadSelector !== undefined && resolution !== 'NONE') {
    return selectWorkloads(workloads, metadata.namespace, workloadSelector.labels ?? {}).flatMap(({ spec: place }) =>
      resolved(place),
    );
  }
  if (endpoints.length > 0) return endpoints.flatMap(resolved);
  if (resolution === 'STATIC') return [];
  // The entry names this host, so asking DNS for it goes to no place that a request chose.
  if (resolution === 'NONE' && fixed.length > 0) return fixed;
  return host.startsWith('*') ? [] : resolved({ address: host });
}

/** The workloads of a namespace that carry all the labels; no labels select none. */
export function selectWorkloads(
  workloads: readonly WorkloadEntry[],
  namespace: string,
  labels: Readonly<Record<string, string>>,
): WorkloadEntry[] {
  const wanted = Object.entries(labels);
  if (wanted.length === 0) return [];
  return workloads.filter(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && wanted.every(([name, value]) => spec.labels?.[name] === value),
  );
}

type PortSpec = NonNullable<ServiceEntrySpec['ports']>[number];
type ServiceName = { host: string; namespace: string };

type Places = Pick<EntrySurroundings, 'podsAt'> & { places: readonly WorkloadEntrySpec[] };

function nowhere(): readonly ServiceEndpoint[] {
  return [];
}

function servicePort(port: PortSpec, { places, podsAt }: Places, service: ServiceName): ServicePort {
  const { number, name, protocol, targetPort } = port;
  const fallback = targetPort ?? number;
  const endpoints = [
    ...places.map((place) => workloadEndpoint(place, { name, fallback }, service)),
    ...podsAt(fallback),
  ];
  // Two names may lead to one address.
  const byAddress = new Map(endpoints.map((endpoint) => [endpoint.address, endpoint]));
  return {
    number,
    name,
    protocol: portProtocol({ number, name, appProtocol: protocol ?? name }),
    endpoints: [...byAddress.values()],
  };
}

/** A place as an endpoint of a service port; the workload's own number for the port comes first. */
export function workloadEndpoint(
  { address = '', ports, labels = {}, locality, weight }: WorkloadEntrySpec,
  port: { name: string; fallback: number },
  { host, namespace }: ServiceName,
): ServiceEndpoint {
  const bracketed = address.includes(':') ? `[${address}]` : address;
  return {
    address: `${bracketed}:${ports?.[port.name] ?? port.fallback}`,
    ready: true,
    labels,
    workload: { ...unknownWorkload(namespace, host), ...workloadOf(labels) },
    ...(locality !== undefined && { locality }),
    ...(weight !== undefined && weight > 0 && { weight }),
  };
}

function workloadOf({ app, version }: Readonly<Record<string, string>>): Partial<WorkloadLabels> {
  return {
    ...(app !== undefined && { app, workload: app }),
    ...(version !== undefined && { version, canonicalRevision: version }),
  };
}
