/** From objects of the API server to the input of the compiler. A bad object is left out and reported; the others stay. */

import { isIP } from 'node:net';
import { type KubeObject, objectKey } from '../lib/resource.ts';
import type { MeshInput, MeshService, ServiceEndpoint } from '../mesh/compile/mesh-input.ts';
import { isHttp, portProtocol } from '../mesh/compile/port-protocol.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { readResources } from '../mesh/read-resources.ts';
import { CLUSTER_DOMAIN } from '../mesh/schema/host-name.ts';
import { endpointAddress, isProcessNode } from './endpoint-address.ts';
import { endpointLocality } from './endpoint-locality.ts';
import {
  type EntrySurroundings,
  selectWorkloads,
  serviceEntryServices,
  workloadEndpoint,
} from './service-entry-services.ts';
import { unknownWorkload, workloadLabels } from './workload-labels.ts';

/** The copies that a table is made of. */
export type MeshObjects = {
  services: readonly KubeObject[];
  endpointSlices: readonly KubeObject[];
  /** Istio's resources of all kinds. */
  istio: readonly KubeObject[];
  /** Whether unknown fields are errors everywhere. */
  strict?: boolean;
  /** Addresses of a DNS name, as far as they are known now; absent: a name stands for itself. */
  lookup?: (name: string) => readonly string[];
  pod(namespace: string, name: string): KubeObject | undefined;
  replicaSet(namespace: string, name: string): KubeObject | undefined;
  node(name: string): KubeObject | undefined;
};

export type GatheredMesh = {
  input: MeshInput;
  issues: TableIssue[];
  /** `namespace/name` of every pod with an endpoint that may be sent traffic. */
  pods: ReadonlySet<string>;
};

type ServiceSpec = {
  type?: string;
  selector?: Record<string, string>;
  ports?: { name?: string; port: number; protocol?: string; appProtocol?: string; targetPort?: number | string }[];
};

type SliceEndpoint = {
  addresses: string[];
  conditions?: { ready?: boolean; terminating?: boolean };
  targetRef?: { kind?: string; name?: string; namespace?: string };
  nodeName?: string;
};

type Slice = KubeObject & { endpoints?: SliceEndpoint[] | null; ports?: { name?: string; port?: number }[] | null };

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

export function gatherMesh(objects: MeshObjects): GatheredMesh {
  const pods = new Set<string>();
  const slices = Map.groupBy(objects.endpointSlices as readonly Slice[], ({ metadata }) =>
    objectKey({ namespace: metadata.namespace ?? '', name: metadata.labels?.[SERVICE_NAME_LABEL] ?? '' }),
  );
  const { resources, issues } = readResources(objects.istio, { strict: objects.strict ?? false });
  const surroundings = { workloads: resources.WorkloadEntry, lookup: objects.lookup ?? ((name: string) => [name]) };
  const services = objects.services.flatMap((service) => {
    if ((service.spec as ServiceSpec | undefined)?.type === 'ExternalName') return [];
    const gathered = gatherService(service, slices.get(objectKey(service.metadata)) ?? [], objects, pods);
    return [withWorkloads(gathered, service, surroundings)];
  });
  return {
    input: {
      services: [...services, ...resources.ServiceEntry.flatMap((entry) => serviceEntryServices(entry, surroundings))],
      virtualServices: resources.VirtualService,
      destinationRules: resources.DestinationRule,
      gateways: resources.Gateway,
      sidecars: resources.Sidecar,
      retries: resources.retries,
    },
    issues,
    pods,
  };
}

function gatherService(
  { metadata, spec }: KubeObject,
  slices: readonly Slice[],
  objects: MeshObjects,
  pods: Set<string>,
): MeshService {
  const { name, namespace = 'default' } = metadata;
  return {
    host: `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`,
    name,
    namespace,
    ...exportOf(metadata.annotations),
    ports: ((spec as ServiceSpec | undefined)?.ports ?? []).map((port) => {
      const protocol = portProtocol({ ...port, number: port.port });
      const endpoints = isHttp(protocol) ? slices.flatMap((slice) => endpointsOf(slice, port.name, objects, pods)) : [];
      // One pod may stand in two slices while its slice is being rewritten.
      const byAddress = new Map(endpoints.map((endpoint) => [endpoint.address, endpoint]));
      return { number: port.port, name: port.name ?? '', protocol, endpoints: [...byAddress.values()] };
    }),
  };
}

function exportOf(annotations: Readonly<Record<string, string>> = {}): Pick<MeshService, 'exportTo'> {
  const written = annotations['networking.istio.io/exportTo'];
  return written === undefined ? {} : { exportTo: written.split(',').map((each) => each.trim()) };
}

/** A selector takes WorkloadEntries as it takes pods (istio.md 7.2). */
function withWorkloads(service: MeshService, { spec }: KubeObject, { workloads }: EntrySurroundings): MeshService {
  const { selector = {}, ports = [] } = (spec ?? {}) as ServiceSpec;
  const places = selectWorkloads(workloads, service.namespace, selector).map((workload) => workload.spec);
  const addressed = places.filter(({ address = '' }) => isIP(address) !== 0);
  if (addressed.length === 0) return service;
  return {
    ...service,
    ports: service.ports.map((port) => {
      const targetPort = ports.find(({ port: number }) => number === port.number)?.targetPort;
      const target = { name: port.name, fallback: typeof targetPort === 'number' ? targetPort : port.number };
      return {
        ...port,
        endpoints: [...port.endpoints, ...addressed.map((place) => workloadEndpoint(place, target, service))],
      };
    }),
  };
}

function endpointsOf(slice: Slice, portName = '', objects: MeshObjects, pods: Set<string>): ServiceEndpoint[] {
  const namespace = slice.metadata.namespace ?? '';
  const port = slice.ports?.find(({ name = '' }) => name === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    const { ready = true, terminating = false } = endpoint.conditions ?? {};
    const pod = podOf(endpoint, namespace, objects);
    if (!ready || terminating || isGoing(pod)) return [];
    const node = objects.node(endpoint.nodeName ?? '');
    const place = { port, pod, isProcessNode: isProcessNode(node) };
    const locality = endpointLocality(typeof pod === 'string' ? undefined : pod, node);
    const where = locality === undefined ? {} : { locality };
    return endpoint.addresses.flatMap((ip) => {
      const address = endpointAddress({ ...place, ip });
      if (address === undefined) return [];
      if (typeof pod === 'string') {
        const service = slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '';
        return [{ address, ready: true, labels: {}, workload: unknownWorkload(namespace, service), ...where }];
      }
      pods.add(objectKey(pod.metadata));
      const workload = workloadLabels(pod, ownerOf(pod, objects));
      return [{ address, ready: true, labels: pod.metadata.labels ?? {}, workload, ...where }];
    });
  });
}

function podOf({ targetRef }: SliceEndpoint, namespace: string, objects: MeshObjects): KubeObject | 'unknown' | 'none' {
  if (targetRef?.kind !== 'Pod' || targetRef.name === undefined) return 'none';
  return objects.pod(targetRef.namespace ?? namespace, targetRef.name) ?? 'unknown';
}

// The pod's deletion is often seen before its slice says so; every moment counts before it is told to stop.
function isGoing(pod: KubeObject | 'unknown' | 'none'): boolean {
  return typeof pod !== 'string' && pod.metadata.deletionTimestamp !== undefined;
}

function ownerOf({ metadata }: KubeObject, objects: MeshObjects): KubeObject | undefined {
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet');
  return owner === undefined ? undefined : objects.replicaSet(metadata.namespace ?? '', owner.name);
}
