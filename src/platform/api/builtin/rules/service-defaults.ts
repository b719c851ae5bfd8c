/** Defaults of Service, Endpoints and EndpointSlice. Addresses and node ports are allocated by the server, not here. */

import type { KubeObject } from '../../../../lib/resource.ts';
import { fieldsAt, isFields, listAt, textAt } from '../field-access.ts';
import { childOf, setDefault } from './set-default.ts';

const CLIENT_IP_SECONDS = 10_800;

/** @param old keeps the allocated address where the writer left it out */
export function defaultService(object: KubeObject, old?: KubeObject): void {
  const spec = childOf(object, 'spec');
  setDefault(spec, 'type', 'ClusterIP');
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec.sessionAffinity === 'ClientIP') {
    setDefault(childOf(childOf(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', CLIENT_IP_SECONDS);
  } else delete spec.sessionAffinityConfig;
  for (const port of listAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    // Go's zero IntOrString counts as absent.
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (spec.type === 'ExternalName') return;
  setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (textAt(old, 'spec', 'type') !== 'ExternalName') keepAllocated(spec, fieldsAt(old, 'spec'));
  // Nobody knows yet what such a Service will point at.
  const anyFamily = spec.clusterIP === 'None' && !isFields(spec.selector);
  setDefault(spec, 'ipFamilies', anyFamily ? ['IPv4', 'IPv6'] : ['IPv4']);
  setDefault(spec, 'ipFamilyPolicy', anyFamily ? 'RequireDualStack' : 'SingleStack');
  const reachable = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (reachable) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  if (spec.clusterIP === 'None') setDefault(spec, 'clusterIPs', ['None']);
}

function keepAllocated(spec: Record<string, unknown>, old: Record<string, unknown>): void {
  if (spec.clusterIP === undefined && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
  if (spec.clusterIPs === undefined && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined) {
    spec.clusterIPs = old.clusterIPs;
  }
}

export function defaultEndpoints(object: KubeObject): void {
  for (const port of listAt(object, 'subsets').flatMap((subset) => listAt(subset, 'ports'))) {
    setDefault(port, 'protocol', 'TCP');
  }
}

export function defaultEndpointSlice(object: KubeObject): void {
  for (const port of listAt(object, 'ports')) {
    setDefault(port, 'name', '');
    setDefault(port, 'protocol', 'TCP');
  }
  for (const endpoint of listAt(object, 'endpoints')) if (!isFields(endpoint.conditions)) endpoint.conditions = {};
}
