/** A pod as an endpoint of a Service: its address, its conditions, and where the Service's ports are on it. Pure. */

import type { Endpoint, EndpointPort, Service } from './endpoint-objects.ts';
import { selectorMatches } from './label-selector.ts';
import { isFinished, isReady } from './pod-facts.ts';
import type { ContainerPort, Pod } from './workload-objects.ts';

/** Whether the pod stands behind the Service at all, whatever its readiness. */
export function isBehind({ spec, metadata }: Service, pod: Pod): boolean {
  return (
    spec.selector !== undefined &&
    pod.metadata.namespace === metadata.namespace &&
    selectorMatches({ matchLabels: spec.selector }, pod.metadata.labels) &&
    !isFinished(pod)
  );
}

/** The pod's address of a family; `undefined` as long as it has none. */
export function addressOf({ status }: Pod, family: string): string | undefined {
  const addresses = status?.podIPs?.map(({ ip }) => ip) ?? [];
  const all = addresses.length > 0 ? addresses : status?.podIP === undefined ? [] : [status.podIP];
  return all.find((ip) => ip !== '' && ip.includes(':') === (family === 'IPv6'));
}

/**
 * The pod as one endpoint. `ready` means: send traffic here. A pod that is going away is not ready any more, but it may still be
 * serving (EndpointSlice v1, conditions).
 */
export function endpointOf({ metadata, spec }: Service, pod: Pod, address: string): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { hostname, subdomain, nodeName } = pod.spec;
  return {
    addresses: [address],
    conditions: { ready: spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname !== undefined && subdomain === metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace ?? '',
      name: pod.metadata.name,
      uid: pod.metadata.uid ?? '',
    },
  };
}

/** Where the Service's ports are on this pod; a named target port that the pod does not have is left out. */
export function portsOn({ spec }: Service, pod: Pod): EndpointPort[] {
  return (spec.ports ?? []).flatMap(({ name = '', port, targetPort = port, protocol = 'TCP', appProtocol }) => {
    const found = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, protocol);
    if (found === undefined) return [];
    return [{ name, port: found, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function namedPort({ spec }: Pod, name: string, protocol: string): number | undefined {
  // Init containers that stay (restartPolicy Always) are sidecars, and may serve.
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const isWanted = (port: ContainerPort) => port.name === name && (port.protocol ?? 'TCP') === protocol;
  return [...(spec.containers ?? []), ...sidecars].flatMap(({ ports = [] }) => ports).find(isWanted)?.containerPort;
}
