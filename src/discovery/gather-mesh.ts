/** From objects of the API server to the input of the compiler. A bad object is left out and reported; the others stay. */

import { type KubeObject, objectKey } from '../lib/resource.ts';
import type { MeshInput, MeshService, ServiceEndpoint } from '../mesh/compile/mesh-input.ts';
import { isHttp, portProtocol } from '../mesh/compile/port-protocol.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { readResources } from '../mesh/read-resources.ts';
import { CLUSTER_DOMAIN } from '../mesh/schema/host-name.ts';
import { endpointAddress, isProcessNode } from './endpoint-address.ts';
import { serviceEntryServices } from './service-entry-services.ts';
import { unknownWorkload, workloadLabels } from './workload-labels.ts';

/** The copies that a table is made of. */
export type MeshObjects = {
  services: readonly KubeObject[];
  endpointSlices: readonly KubeObject[];
  /** Istio's resources of all kinds. */
  istio: readonly KubeObject[];
  /** Whether unknown fields are errors everywhere. */
  strict?: boolean;
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
  ports?: { name?: string; port: number; protocol?: string; appProtocol?: string }[];
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
  const services = objects.services.flatMap((service) =>
    (service.spec as ServiceSpec | undefined)?.type === 'ExternalName'
      ? []
      : [gatherService(service, slices.get(objectKey(service.metadata)) ?? [], objects, pods)],
  );
  const { resources, issues } = readResources(objects.istio, { strict: objects.strict ?? false });
  return {
    input: {
      services: [...services, ...resources.ServiceEntry.flatMap(serviceEntryServices)],
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
    ports: ((spec as ServiceSpec | undefined)?.ports ?? []).map((port) => {
      const protocol = portProtocol({ ...port, number: port.port });
      const endpoints = isHttp(protocol) ? slices.flatMap((slice) => endpointsOf(slice, port.name, objects, pods)) : [];
      // One pod may stand in two slices while its slice is being rewritten.
      const byAddress = new Map(endpoints.map((endpoint) => [endpoint.address, endpoint]));
      return { number: port.port, name: port.name ?? '', protocol, endpoints: [...byAddress.values()] };
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
    const place = { port, pod, isProcessNode: isProcessNode(objects.node(endpoint.nodeName ?? '')) };
    return endpoint.addresses.flatMap((ip) => {
      const address = endpointAddress({ ...place, ip });
      if (address === undefined) return [];
      if (typeof pod === 'string') {
        const service = slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '';
        return [{ address, ready: true, labels: {}, workload: unknownWorkload(namespace, service) }];
      }
      pods.add(objectKey(pod.metadata));
      const workload = workloadLabels(pod, ownerOf(pod, objects));
      return [{ address, ready: true, labels: pod.metadata.labels ?? {}, workload }];
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
