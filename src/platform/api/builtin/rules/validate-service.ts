/** Validation of Service and EndpointSlice. */

import { isIP } from 'node:net';
import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../../schema/causes.ts';
import { labelFaults, subdomainFaults, validateLabels } from '../../schema/names.ts';
import { type Fields, fieldsAt, listAt, textAt } from '../field-access.ts';
import { IP_MESSAGE, isIpV4, portNumber, portNumberOrName } from './value-faults.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export function validateService(object: KubeObject, old?: KubeObject): StatusCause[] {
  const spec = fieldsAt(object, 'spec');
  const ports = listAt(spec, 'ports');
  const headless = spec.clusterIP === 'None';
  const causes: StatusCause[] = [];
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') causes.push(required('spec.ports'));
  if (spec.type === 'ExternalName') causes.push(...validateExternalName(textAt(spec, 'externalName') ?? ''));
  causes.push(...ports.flatMap((port, index) => validateServicePort(port, { ports, index, spec })));
  causes.push(...validateLabels(spec.selector, 'spec.selector'));
  if (!['ClientIP', 'None'].includes(String(spec.sessionAffinity))) {
    causes.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  }
  if (!TYPES.includes(String(spec.type))) causes.push(notSupported('spec.type', spec.type, TYPES));
  causes.push(...validateRepeatedPorts(ports), ...validateClusterAddress(spec));
  const reachable = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || Array.isArray(spec.externalIPs);
  if (spec.externalTrafficPolicy !== undefined && !reachable) {
    const why = 'may only be set for externally-accessible services';
    causes.push(invalid('spec.externalTrafficPolicy', spec.externalTrafficPolicy, why));
  }
  return [...causes, ...immutableAddress(spec, fieldsAt(old, 'spec'))];
}

function validateExternalName(name: string): StatusCause[] {
  if (name === '') return [required('spec.externalName')];
  return subdomainFaults(name.replace(/\.$/, '')).map((fault) => invalid('spec.externalName', name, fault));
}

type PortContext = { ports: readonly Fields[]; index: number; spec: Fields };

function validateServicePort(port: Fields, { ports, index, spec }: PortContext): StatusCause[] {
  const path = `spec.ports[${index}]`;
  const causes: StatusCause[] = [];
  const name = textAt(port, 'name') ?? '';
  if (name === '') {
    if (ports.length > 1) causes.push(required(`${path}.name`));
  } else {
    causes.push(...labelFaults(name).map((fault) => invalid(`${path}.name`, name, fault)));
    if (ports.slice(0, index).some((other) => other.name === name)) causes.push(duplicate(`${path}.name`, name));
  }
  causes.push(...portNumber(port.port ?? 0, `${path}.port`));
  if (!PROTOCOLS.includes(String(port.protocol)))
    causes.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
  causes.push(...portNumberOrName(port.targetPort ?? 0, `${path}.targetPort`));
  if (spec.type === 'ClusterIP' && port.nodePort) {
    causes.push(forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
  }
  return causes;
}

/** The value is shown as Go prints its internal type. */
function validateRepeatedPorts(ports: readonly Fields[]): StatusCause[] {
  const seen = new Set<string>();
  return ports.flatMap(({ port, protocol }, index) => {
    const key = `${port}/${protocol}`;
    const repeated = seen.has(key);
    seen.add(key);
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    return repeated ? [duplicate(`spec.ports[${index}]`, shown)] : [];
  });
}

function validateClusterAddress(spec: Fields): StatusCause[] {
  const address = textAt(spec, 'clusterIP') ?? '';
  const { clusterIPs } = spec;
  const all = Array.isArray(clusterIPs) ? clusterIPs : [];
  const faults: StatusCause[] = [];
  if (all.length > 1 && all.every((one) => isIP(String(one)) === isIP(String(all[0])))) {
    faults.push(invalid('spec.clusterIPs', all, 'may specify no more than one IP for each IP family'));
  }
  if (all.length > 0 && address === '') {
    faults.push(invalid('spec.clusterIPs', all, 'must be empty when `clusterIP` is not specified'));
  } else if (all.length > 0 && all[0] !== address) {
    faults.push(invalid('spec.clusterIPs', all, 'first value must match `clusterIP`'));
  }
  if (faults.length > 0) return faults;
  if (address === '' || address === 'None' || isIP(address) !== 0) return [];
  return [invalid('spec.clusterIPs[0]', address, IP_MESSAGE)];
}

function immutableAddress(spec: Fields, old: Fields): StatusCause[] {
  const before = textAt(old, 'clusterIP');
  const changed =
    before !== undefined && spec.type !== 'ExternalName' && old.type !== 'ExternalName' && spec.clusterIP !== before;
  if (!changed) return [];
  return [invalid('spec.clusterIPs[0]', [spec.clusterIP], 'may not change once set')];
}

export function validateEndpointSlice(object: KubeObject, old?: KubeObject): StatusCause[] {
  const addressType = textAt(object, 'addressType') ?? '';
  const causes: StatusCause[] = [];
  if (addressType === '') causes.push(required('addressType'));
  else if (!ADDRESS_TYPES.includes(addressType)) causes.push(notSupported('addressType', addressType, ADDRESS_TYPES));
  causes.push(
    ...listAt(object, 'endpoints').flatMap((endpoint, index) =>
      validateEndpoint(endpoint, { path: `endpoints[${index}]`, addressType }),
    ),
  );
  const names = new Set<unknown>();
  for (const [index, { name = '', protocol }] of listAt(object, 'ports').entries()) {
    if (names.has(name)) causes.push(duplicate(`ports[${index}].name`, name));
    names.add(name);
    if (name !== '')
      causes.push(...labelFaults(String(name)).map((fault) => invalid(`ports[${index}].name`, name, fault)));
    if (!PROTOCOLS.includes(String(protocol)))
      causes.push(notSupported(`ports[${index}].protocol`, protocol, PROTOCOLS));
  }
  if (old !== undefined && old.addressType !== object.addressType) {
    causes.push(invalid('addressType', object.addressType, 'field is immutable'));
  }
  return causes;
}

function validateEndpoint(
  endpoint: Fields,
  { path, addressType }: { path: string; addressType: string },
): StatusCause[] {
  const addresses = Array.isArray(endpoint.addresses) ? endpoint.addresses.map(String) : [];
  if (addresses.length === 0) return [required(`${path}.addresses`, 'must contain at least 1 address')];
  return addresses.flatMap((address, index) =>
    validateAddress(address, { field: `${path}.addresses[${index}]`, addressType }),
  );
}

/** Loopback and link-local addresses mean another machine to everybody who reads them. */
function validateAddress(
  address: string,
  { field, addressType }: { field: string; addressType: string },
): StatusCause[] {
  if (addressType === 'FQDN') return subdomainFaults(address).map((fault) => invalid(field, address, fault));
  const fits = addressType === 'IPv6' ? isIP(address) === 6 : isIpV4(address);
  if (isIP(address) === 0) return [invalid(field, address, IP_MESSAGE)];
  if (!fits) return [invalid(field, address, `must be an ${addressType} address`)];
  const loopback = address.startsWith('127.') || address === '::1';
  if (loopback) return [invalid(field, address, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')];
  if (address === '0.0.0.0' || address === '::')
    return [invalid(field, address, 'may not be unspecified (0.0.0.0 or ::)')];
  const linkLocal = address.startsWith('169.254.') || /^fe80:/i.test(address);
  return linkLocal ? [invalid(field, address, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)')] : [];
}
