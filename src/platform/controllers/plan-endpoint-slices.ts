/**
 * From a Service and its pods to EndpointSlices, with as few writes as possible: endpoints stay in the slice where they are, and
 * a slice that is not needed any more is reused for one that is. Pure.
 */

import { controllerReference } from '../../lib/resource.ts';
import type { Endpoint, EndpointPort, EndpointSlice, Service } from './endpoint-objects.ts';
import { generatedName } from './generated-name.ts';
import { addressOf, endpointOf, isBehind, portsOn } from './pod-endpoint.ts';
import { meaningOf } from './same-meaning.ts';
import type { Pod } from './workload-objects.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** The manager that Kubernetes' own controller names: one set of slices, whoever of the two keeps it. */
export const MANAGED_BY = 'endpointslice-controller.k8s.io';
const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** Kubernetes' default for `--max-endpoints-per-slice`. */
export const ENDPOINTS_PER_SLICE_MAX = 100;

export type SlicePlan = {
  create: readonly EndpointSlice[];
  update: readonly EndpointSlice[];
  delete: readonly EndpointSlice[];
};

/** Whether this controller has anything to say about the Service. */
export function hasManagedSlices({ spec, metadata }: Service): boolean {
  const selects = spec.selector !== undefined && Object.keys(spec.selector).length > 0;
  return selects && spec.type !== 'ExternalName' && metadata.deletionTimestamp === undefined;
}

/**
 * @param pods of the Service's namespace
 * @param slices those of the Service that this controller manages
 */
export function planEndpointSlices({
  service,
  pods,
  slices,
}: {
  service: Service;
  pods: readonly Pod[];
  slices: readonly EndpointSlice[];
}): SlicePlan {
  const families = service.spec.ipFamilies ?? ['IPv4'];
  const plans = families.map((family) => {
    const groups = groupsOf(service, pods, family);
    const present = slices.filter(({ addressType }) => addressType === family);
    return arrange(service, { groups, family, present });
  });
  const unwanted = slices.filter(({ addressType }) => !families.includes(addressType));
  return {
    create: plans.flatMap((plan) => plan.create),
    update: plans.flatMap((plan) => plan.update),
    delete: [...plans.flatMap((plan) => plan.delete), ...unwanted],
  };
}

/** Endpoints that share their ports; they differ when pods of two versions give a named port different numbers. */
type Group = { ports: EndpointPort[]; endpoints: Endpoint[] };

function groupsOf(service: Service, pods: readonly Pod[], family: string): Group[] {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    const address = isBehind(service, pod) ? addressOf(pod, family) : undefined;
    if (address === undefined) continue;
    const ports = portsOn(service, pod);
    const key = meaningOf(ports);
    const group = groups.get(key) ?? { ports, endpoints: [] };
    group.endpoints.push(endpointOf(service, pod, address));
    groups.set(key, group);
  }
  // A Service without pods keeps one empty slice: readers then know that it was looked at.
  return groups.size > 0 ? [...groups.values()] : [{ ports: [], endpoints: [] }];
}

function arrange(
  service: Service,
  { groups, family, present }: { groups: readonly Group[]; family: string; present: readonly EndpointSlice[] },
): SlicePlan {
  const filled = new Map<EndpointSlice, Group>();
  const extra: Group[] = [];
  for (const group of groups) {
    const alike = present.filter((slice) => meaningOf(slice.ports ?? []) === meaningOf(group.ports));
    const { kept, overflow } = distribute(group, alike);
    for (const [slice, endpoints] of kept) filled.set(slice, { ports: group.ports, endpoints });
    extra.push(...overflow);
  }
  const free = present.filter((slice) => !filled.has(slice));
  const reused = extra.slice(0, free.length).map((group, index) => [free[index], group] as const);
  const wanted = [...filled, ...reused].flatMap(([slice, group]) =>
    slice === undefined ? [] : [{ slice, next: sliceOf(service, { group, family, slice }) }],
  );
  return {
    create: extra.slice(free.length).map((group) => sliceOf(service, { group, family })),
    update: wanted.filter(({ slice, next }) => normalized(slice) !== normalized(next)).map(({ next }) => next),
    delete: free.slice(extra.length),
  };
}

/** Endpoints stay where they are; new ones fill the slices with room, and what is left needs more slices. */
function distribute(
  group: Group,
  alike: readonly EndpointSlice[],
): { kept: Map<EndpointSlice, Endpoint[]>; overflow: Group[] } {
  const waiting = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const stay = new Map<EndpointSlice, Endpoint[]>();
  for (const slice of alike) {
    const endpoints = (slice.endpoints ?? []).flatMap((endpoint) => {
      const current = waiting.get(identityOf(endpoint));
      waiting.delete(identityOf(endpoint));
      return current === undefined ? [] : [current];
    });
    stay.set(slice, endpoints);
  }
  const newcomers = [...waiting.values()];
  const isPlaceholder = group.endpoints.length === 0;
  const kept = new Map<EndpointSlice, Endpoint[]>();
  for (const [slice, endpoints] of stay) {
    const joined = [...endpoints, ...newcomers.splice(0, Math.max(0, ENDPOINTS_PER_SLICE_MAX - endpoints.length))];
    if (joined.length > 0 || (isPlaceholder && kept.size === 0)) kept.set(slice, joined);
  }
  const overflow: Group[] = isPlaceholder && kept.size === 0 ? [group] : [];
  while (newcomers.length > 0) {
    overflow.push({ ports: group.ports, endpoints: newcomers.splice(0, ENDPOINTS_PER_SLICE_MAX) });
  }
  return { kept, overflow };
}

function identityOf({ targetRef, addresses }: Endpoint): string {
  return `${targetRef?.uid ?? ''} ${addresses.join(',')}`;
}

function sliceOf(
  service: Service,
  { group, family, slice }: { group: Group; family: string; slice?: EndpointSlice },
): EndpointSlice {
  const { metadata, spec } = service;
  const labels = {
    ...metadata.labels,
    ...(spec.clusterIP === 'None' ? { [HEADLESS_LABEL]: '' } : {}),
    [SERVICE_NAME_LABEL]: metadata.name,
    [MANAGED_BY_LABEL]: MANAGED_BY,
  };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: slice === undefined ? newMetadata(service, labels) : { ...slice.metadata, labels },
    addressType: family,
    endpoints: group.endpoints,
    ports: group.ports,
  };
}

function newMetadata(service: Service, labels: Record<string, string>): EndpointSlice['metadata'] {
  const { name, namespace } = service.metadata;
  return generatedName({
    generateName: `${name}-`,
    ...(namespace === undefined ? {} : { namespace }),
    labels,
    ownerReferences: [controllerReference(service)],
  });
}

/** What is compared; a server may say null where another says nothing. */
function normalized({ metadata, endpoints, ports }: EndpointSlice): string {
  return meaningOf({ labels: metadata.labels, endpoints: endpoints ?? [], ports: ports ?? [] });
}
