/** Defaults of Service, Endpoints and EndpointSlice. Addresses and node ports are allocated by the server, not here. */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../../lib/resource.ts';
import { type Fields, fieldsAt, isFields, listAt } from '../field-access.ts';
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
  const before = fieldsAt(old, 'spec');
  dropWhatTypeLost(spec, before);
  if (spec.type === 'ExternalName') return;
  setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (before.type !== 'ExternalName') keepAllocated(spec, before);
  // Nobody knows yet what such a Service will point at.
  const anyFamily = spec.clusterIP === 'None' && !isFields(spec.selector);
  setDefault(spec, 'ipFamilies', anyFamily ? ['IPv4', 'IPv6'] : ['IPv4']);
  setDefault(spec, 'ipFamilyPolicy', anyFamily ? 'RequireDualStack' : 'SingleStack');
  const reachable = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (reachable) setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
  if (spec.clusterIP === 'None') setDefault(spec, 'clusterIPs', ['None']);
}

const OF_REACHABLE = ['externalTrafficPolicy', 'allocateLoadBalancerNodePorts', 'healthCheckNodePort'];
const OF_ADDRESS = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'];

/** Who changes the type by a patch does not name what came with the old one; left as it was, it goes with it. */
function dropWhatTypeLost(spec: Fields, old: Fields): void {
  if (old.type === undefined || old.type === spec.type) return;
  const unreachable = spec.type === 'ClusterIP' || spec.type === 'ExternalName';
  const lost = [...(unreachable ? OF_REACHABLE : []), ...(spec.type === 'ExternalName' ? OF_ADDRESS : [])];
  for (const name of lost) if (isDeepStrictEqual(spec[name], old[name])) delete spec[name];
  if (!unreachable) return;
  const given = new Set(listAt(old, 'ports').map(({ nodePort }) => nodePort));
  for (const port of listAt(spec, 'ports')) if (given.has(port.nodePort)) delete port.nodePort;
}

/** A port of a Service keeps its port of the nodes where the writer leaves it out. */
function keepNodePorts(spec: Fields, old: Fields): void {
  if (spec.type === 'ClusterIP') return;
  const known = new Map(listAt(old, 'ports').map(({ port, protocol, nodePort }) => [`${port}/${protocol}`, nodePort]));
  for (const port of listAt(spec, 'ports')) {
    const nodePort = known.get(`${port.port}/${port.protocol}`);
    if (nodePort !== undefined) setDefault(port, 'nodePort', nodePort);
  }
}

function keepAllocated(spec: Record<string, unknown>, old: Record<string, unknown>): void {
  if (spec.clusterIP === undefined && old.clusterIP !== undefined) spec.clusterIP = old.clusterIP;
  if (spec.clusterIPs === undefined && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined) {
    spec.clusterIPs = old.clusterIPs;
  }
  keepNodePorts(spec, old);
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
