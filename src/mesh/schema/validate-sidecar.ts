/** What Istio refuses or warns about in a Sidecar that has the right shape (istio.md §7.4 and §11). */

import { isIP } from 'node:net';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { isWholeHost } from './host-name.ts';
import { isHttpProtocol } from './protocols.ts';
import type { SidecarSpec } from './sidecar.ts';
import { isUnixSocket, validateUnixSocket } from './unix-socket.ts';
import { validateDestination } from './validate-destination.ts';
import { validateSelector, warnSelector } from './validate-labels.ts';
import { validateSidecarIngress } from './validate-sidecar-ingress.ts';
import { validateSidecarPort } from './validate-sidecar-port.ts';

type Egress = NonNullable<SidecarSpec['egress']>[number];
type Port = NonNullable<Egress['port']>;

export function validateSidecar(spec: SidecarSpec): Issue[] {
  const { ingress = [], egress = [], outboundTrafficPolicy, inboundConnectionPool, workloadSelector } = spec;
  const isEmpty = ingress.length + egress.length === 0 && !outboundTrafficPolicy && !inboundConnectionPool;
  return [
    ...(isEmpty ? [{ path: 'spec', message: 'must have ingress, egress or a policy: got none' }] : []),
    ...validateSelector(workloadSelector?.labels, 'spec.workloadSelector.labels'),
    ...repeatedPorts(ingress, 'spec.ingress'),
    ...ingress.flatMap((listener, index) => validateSidecarIngress(listener, `spec.ingress[${index}]`)),
    ...repeatedPorts(egress, 'spec.egress'),
    ...egress.flatMap((listener, index) =>
      validateEgress(listener, { path: `spec.egress[${index}]`, isLast: index === egress.length - 1 }),
    ),
    ...(inboundConnectionPool !== undefined && Object.keys(inboundConnectionPool).length === 0
      ? [{ path: 'spec.inboundConnectionPool', message: 'must have tcp or http: got neither' }]
      : []),
    ...validateEgressProxy(spec),
  ];
}

/** @param namespace of the Sidecar: what `.` stands for */
export function warnSidecar({ ingress = [], egress = [], workloadSelector }: SidecarSpec, namespace: string): Issue[] {
  return [
    ...(workloadSelector === undefined ? [] : warnSelector(workloadSelector.labels, 'spec.workloadSelector.labels')),
    ...ingress.flatMap(({ port: { protocol = '' }, connectionPool }, index) =>
      connectionPool?.http !== undefined && !isHttpProtocol(protocol)
        ? [{ path: `spec.ingress[${index}].connectionPool.http`, message: `must stand beside HTTP: got ${protocol}` }]
        : [],
    ),
    ...egress.flatMap(({ hosts }, index) => warnHosts(hosts, { path: `spec.egress[${index}].hosts`, namespace })),
  ];
}

function repeatedPorts(
  listeners: readonly { port?: Port | undefined; bind?: string | undefined }[],
  path: string,
): Issue[] {
  // Sockets have no number.
  const places = listeners.flatMap(({ port, bind = '' }) => (port === undefined ? [] : [port.number || bind]));
  return places
    .filter((place, index) => places.indexOf(place) !== index)
    .map((place) => ({ path, message: `must not repeat a port: got ${place}` }));
}

function validateEgress(listener: Egress, { path, isLast }: { path: string; isLast: boolean }): Issue[] {
  const { port, bind = '', captureMode: mode = 'DEFAULT', hosts } = listener;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  return [
    ...(port === undefined && !isLast ? [issue('port', 'must be set, save for the last listener')] : []),
    ...(port === undefined && mode === 'NONE' ? [issue('port', 'must be set with captureMode NONE')] : []),
    ...(port === undefined ? [] : [...validateSidecarPort(port, path), ...validatePlace(port, { bind, mode, path })]),
    ...hosts.flatMap((host, index) =>
      isEgressHost(host) ? [] : [issue(`hosts[${index}]`, `must be NAMESPACE/NAME, ./NAME or */NAME: got ${host}`)],
    ),
  ];
}

// A listener is at a port, of one address perhaps, or it is a socket in the file system, which has no port.
function validatePlace({ number }: Port, { bind, mode, path }: { bind: string; mode: string; path: string }): Issue[] {
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  if (number > 0) {
    return bind === '' || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)];
  }
  if (!isUnixSocket(bind)) return [issue('port.number', 'must be from 1 to 65535, save for a socket: got 0')];
  return [
    ...validateUnixSocket(bind, `${path}.bind`),
    ...(mode === 'DEFAULT' || mode === 'NONE' ? [] : [issue('captureMode', 'must be DEFAULT or NONE for a socket')]),
  ];
}

function isEgressHost(written: string): boolean {
  const [namespace = '', host, ...more] = written.split('/');
  if (host === undefined || more.length > 0) return false;
  return (['*', '.', '~'].includes(namespace) || isDnsLabel(namespace)) && isWholeHost(host);
}

function validateEgressProxy({ outboundTrafficPolicy }: SidecarSpec): Issue[] {
  const { mode = 'REGISTRY_ONLY', egressProxy } = outboundTrafficPolicy ?? {};
  if (egressProxy === undefined) return [];
  const path = 'spec.outboundTrafficPolicy.egressProxy';
  if (mode !== 'ALLOW_ANY') return [{ path, message: `must stand beside ALLOW_ANY: got ${mode}` }];
  return [
    ...validateDestination(egressProxy, path),
    ...(egressProxy.port === undefined ? [{ path: `${path}.port`, message: 'must be set: got nothing' }] : []),
  ];
}

function warnHosts(hosts: readonly string[], { path, namespace }: { path: string; namespace: string }): Issue[] {
  const meant = hosts.map((host) => (host.startsWith('./') ? `${namespace}${host.slice(1)}` : host));
  const covered = hosts.filter((_, at) => {
    const mine = meant[at] ?? '';
    return meant.some((other, index) => index !== at && covers(other, mine) && (other !== mine || index < at));
  });
  return covered.map((host) => ({ path, message: `must not repeat what another entry has: got ${host}` }));
}

function covers(wide: string, narrow: string): boolean {
  return wide === narrow || wide === '*/*' || (wide.endsWith('/*') && narrow.startsWith(wide.slice(0, -1)));
}
