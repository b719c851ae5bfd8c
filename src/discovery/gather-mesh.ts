/** From objects of the API server to the input of the compiler. A bad object is left out and reported; the others stay. */

import { isIP } from 'node:net';
import { Memo } from '../lib/memo.ts';
import { type KubeObject, objectKey } from '../lib/resource.ts';
import type { MeshInput, MeshService, ServiceEndpoint } from '../mesh/compile/mesh-input.ts';
import { isHttp, portProtocol } from '../mesh/compile/port-protocol.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { readResources } from '../mesh/read-resources.ts';
import { CLUSTER_DOMAIN } from '../mesh/schema/host-name.ts';
import type { ServiceEntry } from '../mesh/schema/service-entry.ts';
import type { WorkloadEntry } from '../mesh/schema/workload-entry.ts';
import { endpointAddress, isProcessNode } from './endpoint-address.ts';
import { endpointLocality } from './endpoint-locality.ts';
import { type PodSurroundings, podEndpoint, selectedPodEndpoint, selectPods } from './pod-endpoint.ts';
import { selectWorkloads, serviceEntryServices, workloadEndpoint } from './service-entry-services.ts';
import { unservedSockets } from './unserved-sockets.ts';
import { unknownWorkload } from './workload-labels.ts';

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
  podsOf(namespace: string): readonly KubeObject[];
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
  /** `None` for a service without an address of its own. */
  clusterIP?: string;
  /** An API server fills them in. */
  clusterIPs?: string[];
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

/** What a Service depends on, beside itself; objects are asked for by `namespace/name`. */
type ServiceSurroundings = PodSurroundings & {
  slicesOf: (service: string) => readonly Slice[];
  pod: (key: string) => KubeObject | undefined;
  /** WorkloadEntries that its selector takes. */
  workloads: (service: string) => readonly WorkloadEntry[];
};

type EntrySurroundings = PodSurroundings & {
  lookup: (name: string) => readonly string[];
  /** That the entry's selector takes. */
  workloads: (entry: string) => readonly WorkloadEntry[];
  pods: (entry: string) => readonly KubeObject[];
};

type GatheredService = { service: MeshService; pods: readonly string[] };

type GatheredEntry = { services: readonly MeshService[]; pods: readonly string[] };

/** What was gathered before: objects are replaced, never changed, so that what is made of the same ones is the same. */
export class GatherMemos {
  readonly services = new Memo<KubeObject, ServiceSurroundings, GatheredService>();
  readonly entries = new Memo<ServiceEntry, EntrySurroundings, GatheredEntry>();
}

/** @param memos make no difference but to the time that it takes */
export function gatherMesh(objects: MeshObjects, memos: GatherMemos = new GatherMemos()): GatheredMesh {
  const { resources, issues } = readResources(objects.istio, { strict: objects.strict ?? false });
  const gathered = gatherServices(objects, resources.WorkloadEntry, memos);
  const entries = resources.ServiceEntry.map((entry) => gatherEntry(entry, resources.WorkloadEntry, objects, memos));
  return {
    input: {
      services: [...gathered.map(({ service }) => service), ...entries.flatMap(({ services }) => services)],
      virtualServices: resources.VirtualService,
      destinationRules: resources.DestinationRule,
      gateways: resources.Gateway,
      sidecars: resources.Sidecar,
      retries: resources.retries,
    },
    issues: [...issues, ...unservedSockets(resources)],
    pods: new Set([...gathered, ...entries].flatMap(({ pods }) => pods)),
  };
}

/** Asks by `namespace/name`. */
function byKey(find: MeshObjects['pod']) {
  return (key: string): KubeObject | undefined => {
    const [namespace = '', name = ''] = key.split('/');
    return find(namespace, name);
  };
}

function gatherServices(
  objects: MeshObjects,
  workloads: readonly WorkloadEntry[],
  memos: GatherMemos,
): GatheredService[] {
  const slices = Map.groupBy(objects.endpointSlices as readonly Slice[], ({ metadata }) =>
    objectKey({ namespace: metadata.namespace ?? '', name: metadata.labels?.[SERVICE_NAME_LABEL] ?? '' }),
  );
  const surroundings = {
    slicesOf: (service: string) => slices.get(service) ?? [],
    pod: byKey(objects.pod),
    replicaSet: byKey(objects.replicaSet),
    node: objects.node,
  };
  return objects.services.flatMap((service) => {
    const { type, selector = {} } = (service.spec ?? {}) as ServiceSpec;
    if (type === 'ExternalName') return [];
    const { namespace = 'default' } = service.metadata;
    const selected = () => selectWorkloads(workloads, namespace, selector);
    return [memos.services.of(service, { ...surroundings, workloads: selected }, gatherService)];
  });
}

function gatherEntry(
  entry: ServiceEntry,
  workloads: readonly WorkloadEntry[],
  objects: MeshObjects,
  memos: GatherMemos,
): GatheredEntry {
  const { metadata, spec } = entry;
  const { labels = {} } = spec.workloadSelector ?? {};
  const surroundings: EntrySurroundings = {
    lookup: objects.lookup ?? ((name) => [name]),
    workloads: () => selectWorkloads(workloads, metadata.namespace, labels),
    pods: () => selectPods(objects.podsOf(metadata.namespace), labels),
    replicaSet: byKey(objects.replicaSet),
    node: objects.node,
  };
  return memos.entries.of(entry, surroundings, (_, asked) => {
    const isSelecting = spec.workloadSelector !== undefined;
    const pods = isSelecting ? asked.pods(metadata.name) : [];
    const services = serviceEntryServices(entry, {
      lookup: asked.lookup,
      workloads: isSelecting ? asked.workloads(metadata.name) : [],
      podsAt: (port) => pods.flatMap((pod) => selectedPodEndpoint(pod, port, asked) ?? []),
    });
    return { services, pods: pods.map((pod) => objectKey(pod.metadata)) };
  });
}

function gatherService(object: KubeObject, asked: ServiceSurroundings): GatheredService {
  const pods = new Set<string>();
  const gathered = ownService(object, asked, pods);
  const service = withWorkloads(gathered, object, asked.workloads(objectKey(object.metadata)));
  return { service, pods: [...pods] };
}

function ownService({ metadata, spec }: KubeObject, asked: ServiceSurroundings, pods: Set<string>): MeshService {
  const { name, namespace = 'default' } = metadata;
  const slices = asked.slicesOf(objectKey(metadata));
  const { clusterIP = '', clusterIPs = [clusterIP] } = (spec as ServiceSpec | undefined) ?? {};
  const addresses = clusterIPs.filter((address) => isIP(address) !== 0);
  return {
    host: `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`,
    name,
    namespace,
    ...exportOf(metadata.annotations),
    ...(addresses.length > 0 && { addresses }),
    ports: ((spec as ServiceSpec | undefined)?.ports ?? []).map((port) => {
      const protocol = portProtocol({ ...port, number: port.port });
      const endpoints = isHttp(protocol) ? endpointsIn(slices, port.name, asked, pods) : [];
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
function withWorkloads(service: MeshService, { spec }: KubeObject, workloads: readonly WorkloadEntry[]): MeshService {
  const { ports = [] } = (spec ?? {}) as ServiceSpec;
  const places = workloads.map((workload) => workload.spec);
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

/**
 * The pod's deletion is often seen before its slice says so; every moment counts before it is told to stop. But while it is the only
 * one, the slice does not know its successor either: it stays until the slice says more, and is not told to stop before.
 */
function endpointsIn(
  slices: readonly Slice[],
  portName = '',
  asked: ServiceSurroundings,
  pods: Set<string>,
): ServiceEndpoint[] {
  const all = (isLeft: (pod: Found) => boolean) =>
    slices.flatMap((slice) => endpointsOf(slice, portName, asked, { pods, isLeft }));
  const staying = all((pod) => !isGoing(pod));
  return staying.length > 0 ? staying : all(() => true);
}

/** What is known of the pod behind an address. */
type Found = KubeObject | 'unknown' | 'none';

function endpointsOf(
  slice: Slice,
  portName: string,
  asked: ServiceSurroundings,
  { pods, isLeft }: { pods: Set<string>; isLeft: (pod: Found) => boolean },
): ServiceEndpoint[] {
  const namespace = slice.metadata.namespace ?? '';
  const port = slice.ports?.find(({ name = '' }) => name === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    const { ready = true, terminating = false } = endpoint.conditions ?? {};
    const pod = podOf(endpoint, namespace, asked);
    if (!ready || terminating || !isLeft(pod)) return [];
    const nodeName = endpoint.nodeName ?? '';
    return endpoint.addresses.flatMap((ip) => {
      if (typeof pod === 'string') return endpointWithoutPod({ ip, port, pod, nodeName }, slice, asked);
      const found = podEndpoint(pod, { ip, port, nodeName }, asked);
      if (found === undefined) return [];
      pods.add(objectKey(pod.metadata));
      return [found];
    });
  });
}

function endpointWithoutPod(
  { nodeName, ...place }: { ip: string; port: number; pod: 'unknown' | 'none'; nodeName: string },
  { metadata }: Slice,
  asked: PodSurroundings,
): ServiceEndpoint[] {
  const node = asked.node(nodeName);
  const address = endpointAddress({ ...place, isProcessNode: isProcessNode(node) });
  if (address === undefined) return [];
  const locality = endpointLocality(undefined, node);
  const workload = unknownWorkload(metadata.namespace ?? '', metadata.labels?.[SERVICE_NAME_LABEL] ?? '');
  return [{ address, ready: true, labels: {}, workload, ...(locality !== undefined && { locality }) }];
}

function podOf({ targetRef }: SliceEndpoint, namespace: string, asked: ServiceSurroundings): Found {
  if (targetRef?.kind !== 'Pod' || targetRef.name === undefined) return 'none';
  return asked.pod(objectKey({ namespace: targetRef.namespace ?? namespace, name: targetRef.name })) ?? 'unknown';
}

function isGoing(pod: Found): boolean {
  return typeof pod !== 'string' && pod.metadata.deletionTimestamp !== undefined;
}
