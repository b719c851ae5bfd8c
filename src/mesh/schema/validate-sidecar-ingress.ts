/** Istio's validation of a Sidecar's way in (istio.md §7.4 and §11). */

import { isIP } from 'node:net';
import type { Issue } from '../../lib/issue.ts';
import { isTlsProtocol } from './protocols.ts';
import type { SidecarSpec } from './sidecar.ts';
import { isUnixSocket, validateUnixSocket } from './unix-socket.ts';
import { validateSidecarPort } from './validate-sidecar-port.ts';

type Ingress = NonNullable<SidecarSpec['ingress']>[number];

export function validateSidecarIngress(listener: Ingress, path: string): Issue[] {
  const { port, tls, bind = '', connectionPool, defaultEndpoint = '' } = listener;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  return [
    ...validateSidecarPort(port, path),
    ...(port.number > 0 ? [] : [issue('port.number', 'must be from 1 to 65535: got 0')]),
    ...(bind === '' || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)]),
    ...validateEndpoint(defaultEndpoint, `${path}.defaultEndpoint`),
    ...(connectionPool !== undefined && Object.keys(connectionPool).length === 0
      ? [issue('connectionPool', 'must have tcp or http: got neither')]
      : []),
    ...(tls === undefined ? [] : validateTls(tls, port, path)),
  ];
}

function validateEndpoint(endpoint: string, path: string): Issue[] {
  if (endpoint === '') return [];
  if (isUnixSocket(endpoint)) return validateUnixSocket(endpoint, path);
  const [, port] = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:(\d{1,5})$/.exec(endpoint) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
    ? []
    : [{ path, message: `must be a port of this host, such as 127.0.0.1:8080: got ${endpoint}` }];
}

function validateTls(tls: NonNullable<Ingress['tls']>, { protocol = '' }: Ingress['port'], path: string): Issue[] {
  const { mode = 'PASSTHROUGH' } = tls;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.tls${field}`, message });
  const unusable = (
    ['credentialName', 'credentialNames', 'tlsCertificates', 'subjectAltNames', 'httpsRedirect'] as const
  ).filter((field) => tls[field] !== undefined);
  return [
    ...(['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)
      ? []
      : [issue('.mode', `must be SIMPLE or MUTUAL: got ${mode}`)]),
    ...(isTlsProtocol(protocol) ? [] : [issue('', `must stand beside protocol HTTPS or TLS: got ${protocol}`)]),
    ...unusable.map((field) => issue(`.${field}`, 'must not be set in a Sidecar')),
  ];
}
