/** What Istio refuses or warns about in a ServiceEntry that has the right shape (istio.md §7.1 and §11). */

import { isIP } from 'node:net';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { isHostPattern } from './host-name.ts';
import { isHttpProtocol, isProtocol, isTlsProtocol } from './protocols.ts';
import type { ServiceEntrySpec } from './service-entry.ts';
import { isUnixSocket, validateUnixSocket } from './unix-socket.ts';
import { isSubnet } from './validate-l4-route.ts';
import { validateLabels, validateSelector, warnSelector } from './validate-labels.ts';

type Endpoint = NonNullable<ServiceEntrySpec['endpoints']>[number];

const WAYPOINT_LABEL = 'istio.io/use-waypoint';

export function validateServiceEntry(spec: ServiceEntrySpec): Issue[] {
  const { hosts, ports = [], endpoints = [], workloadSelector } = spec;
  const names = ports.map(({ name }) => name);
  return [
    ...hosts
      .filter((host) => host === '*' || !isHostPattern(host))
      .map((host) => issue('hosts', `must be a DNS name or a wildcard such as *.example.com: got ${host}`)),
    ...(ports.length === 0 ? [issue('ports', 'must have a port: got none')] : []),
    ...repeated(names).map((name) => issue('ports', `must not repeat a name: got ${name}`)),
    ...repeated(ports.map(({ number }) => number)).map((number) =>
      issue('ports', `must not repeat a number: got ${number}`),
    ),
    ...(workloadSelector !== undefined && endpoints.length > 0
      ? [issue('workloadSelector', 'must not stand beside endpoints: got both')]
      : []),
    ...ports.flatMap(({ name, protocol = '' }, index) => [
      ...(isDnsLabel(name) ? [] : [issue(`ports[${index}].name`, `must be letters, digits and -: got ${name}`)]),
      ...(protocol === '' || isProtocol(protocol)
        ? []
        : [issue(`ports[${index}].protocol`, `must be a known protocol: got ${protocol}`)]),
    ]),
    ...validateSelector(workloadSelector?.labels, 'spec.workloadSelector.labels'),
    ...endpoints.flatMap((endpoint, index) => validatePorts(endpoint, { names, index })),
    ...endpoints.flatMap(({ labels }, index) => validateLabels(labels, `spec.endpoints[${index}].labels`)),
    ...validateAddresses(spec),
    ...validateResolution(spec),
    ...validateNaming(spec),
  ];
}

/** Waypoints ask for names that are known before a request comes. @param labels of the entry */
export function validateWaypoint(
  { resolution, location }: ServiceEntrySpec,
  labels: Readonly<Record<string, string>>,
): Issue[] {
  const { [WAYPOINT_LABEL]: waypoint = 'none' } = labels;
  if (resolution !== 'DYNAMIC_DNS' || location !== 'MESH_INTERNAL' || waypoint === 'none') return [];
  const path = `metadata.labels["${WAYPOINT_LABEL}"]`;
  return [{ path, message: `must not be set for a service of the mesh with resolution DYNAMIC_DNS: got ${waypoint}` }];
}

export function warnServiceEntry({ addresses = [], ports = [], ...spec }: ServiceEntrySpec): Issue[] {
  const { resolution = 'NONE' } = spec;
  const isForAll = ({ protocol = '' }: { protocol?: string | undefined }) => /^(tcp|)$/i.test(protocol);
  return [
    ...(spec.workloadSelector !== undefined && resolution === 'NONE'
      ? [issue('workloadSelector', 'selects nothing with resolution NONE: got both')]
      : []),
    ...(spec.workloadSelector === undefined
      ? []
      : warnSelector(spec.workloadSelector.labels, 'spec.workloadSelector.labels')),
    ...spec.hosts
      .filter((host) => host.startsWith('*') && !host.startsWith('*.'))
      .map((host) => issue('hosts', `must be a wildcard for whole labels, such as *.example.com: got ${host}`)),
    ...(addresses.length === 0
      ? ports
          .filter(isForAll)
          .map(({ number }) => issue('addresses', `must be set for port ${number}, which carries any protocol`))
      : []),
  ];
}

function issue(field: string, message: string): Issue {
  return { path: `spec.${field}`, message };
}

function repeated<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function validatePorts(
  { ports = {}, address = '' }: Endpoint,
  { names, index }: { names: readonly string[]; index: number },
): Issue[] {
  const path = `endpoints[${index}].ports`;
  if (isUnixSocket(address) && Object.keys(ports).length > 0) return [issue(path, 'must be empty for a socket')];
  return Object.keys(ports)
    .filter((name) => !names.includes(name))
    .map((name) => issue(path, `must name ports of the entry: got ${name}`));
}

function validateAddresses({ addresses = [], resolution = 'NONE' }: ServiceEntrySpec): Issue[] {
  const takesNetworks = resolution === 'NONE' || resolution === 'STATIC';
  return addresses.flatMap((address) => {
    if (!isSubnet(address)) return [issue('addresses', `must be an address or a network: got ${address}`)];
    return address.includes('/') && !takesNetworks
      ? [issue('addresses', `must not be a network with resolution ${resolution}: got ${address}`)]
      : [];
  });
}

function validateResolution(spec: ServiceEntrySpec): Issue[] {
  const { resolution = 'NONE', endpoints = [], hosts } = spec;
  switch (resolution) {
    case 'NONE':
      return endpoints.length > 0 ? [issue('endpoints', 'must be empty with resolution NONE')] : [];
    case 'STATIC':
      return [
        ...endpoints.flatMap((endpoint, index) => validateStatic(endpoint, `endpoints[${index}].address`)),
        ...(endpoints.some(({ address = '' }) => isUnixSocket(address)) && spec.ports?.length !== 1
          ? [issue('ports', 'must be one for a socket')]
          : []),
      ];
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      return validateDns(spec);
    case 'DYNAMIC_DNS':
      return [
        ...(endpoints.length > 0 ? [issue('endpoints', 'must be empty with resolution DYNAMIC_DNS')] : []),
        ...hosts
          .filter((host) => !host.startsWith('*'))
          .map((host) => issue('hosts', `must be a wildcard with resolution DYNAMIC_DNS: got ${host}`)),
        ...(spec.ports ?? [])
          .filter(({ protocol = '' }) => !isNamed(protocol))
          .map(({ name }) => issue('ports', `must speak HTTP or TLS with resolution DYNAMIC_DNS: got ${name}`)),
      ];
    default:
      return resolution satisfies never;
  }
}

function validateStatic({ address = '', network = '' }: Endpoint, path: string): Issue[] {
  // An endpoint on another network is reached by the gateway of that network.
  if (address === '') return network === '' ? [issue(path, 'must be set: got nothing')] : [];
  if (isUnixSocket(address)) return validateUnixSocket(address, `spec.${path}`);
  return isIP(address) === 0 ? [issue(path, `must be an IP address with resolution STATIC: got ${address}`)] : [];
}

function validateDns({ resolution, endpoints = [], hosts }: ServiceEntrySpec): Issue[] {
  const isName = (name: string) => !name.startsWith('*') && isHostPattern(name);
  return [
    ...(resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1
      ? [issue('endpoints', `must be one at most with resolution DNS_ROUND_ROBIN: got ${endpoints.length}`)]
      : []),
    ...(endpoints.length === 0
      ? hosts
          .filter((host) => !isName(host))
          .map((host) => issue('hosts', `must be a name that can be resolved, without endpoints: got ${host}`))
      : []),
    ...endpoints.flatMap(({ address = '' }, index) =>
      address === '' || isName(address)
        ? []
        : [issue(`endpoints[${index}].address`, `must be a DNS name or an IP address: got ${address}`)],
    ),
  ];
}

// Plain TCP says no name, so that two hosts of one entry could not be told apart.
function validateNaming({ hosts, ports = [], resolution = 'NONE' }: ServiceEntrySpec): Issue[] {
  if (hosts.length < 2 || resolution === 'NONE') return [];
  const nameless = ports.filter(({ protocol = '' }) => !isNamed(protocol));
  return nameless.length === 0
    ? []
    : [issue('hosts', `must be one name for protocols such as ${nameless[0]?.protocol ?? 'TCP'}: got ${hosts.length}`)];
}

/** Requests of these can be told apart by name, whatever the address. */
function isNamed(protocol: string): boolean {
  return isHttpProtocol(protocol) || isTlsProtocol(protocol);
}
