/** Istio's Gateway (networking.istio.io): shape, validation, parsing. Rules: istio.md §6 and §11. */

import { isIP } from 'node:net';
import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isWholeHost } from './host-name.ts';
import { isHttpProtocol, isProtocol, isTlsProtocol } from './protocols.ts';
import { serverTlsSchema, validateServerTls, warnServerTls } from './server-tls.ts';
import { isUnixSocket, validateUnixSocket } from './unix-socket.ts';

const serverSchema = z.object({
  port: z.object({
    number: z.number().int().min(0).max(65_535),
    name: z.string().min(1),
    protocol: z.string().min(1),
    targetPort: z.number().int().optional(),
  }),
  bind: z.string().optional(),
  hosts: z.array(z.string()).min(1),
  tls: serverTlsSchema.optional(),
  defaultEndpoint: z.string().optional(),
  name: z.string().optional(),
});

export const gatewaySpecSchema = z.object({
  selector: z
    .record(z.string(), z.string())
    .optional()
    .describe('Labels of the proxies that serve it; absent or empty: every gateway'),
  servers: z.array(serverSchema).min(1),
});

export type GatewayServer = z.infer<typeof serverSchema>;
export type GatewaySpec = z.infer<typeof gatewaySpecSchema>;
export type Gateway = IstioObject<GatewaySpec>;

/** Parses one Gateway; unknown fields are warnings. */
export function parseGateway(object: unknown): ParsedIstio<Gateway> {
  return parseIstio(object, { schema: gatewaySpecSchema, kind: 'Gateway', validate, warn, strictBelow: [] });
}

/** Whether the server takes HTTP without TLS. */
export function isPlainHttp({ port }: GatewayServer): boolean {
  return isHttpProtocol(port.protocol);
}

function validate({ servers }: GatewaySpec, { name: ownName }: { name: string }): Issue[] {
  const names = servers.map(({ port }) => port.name);
  return [
    ...(isDnsLabel(ownName)
      ? []
      : [{ path: 'metadata.name', message: `must be letters, digits and -: got ${ownName}` }]),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ path: 'spec.servers', message: `must not repeat a port name: got ${name}` })),
    ...servers.flatMap((server, index) => validateServer(server, `spec.servers[${index}]`)),
  ];
}

function validateServer(server: GatewayServer, path: string): Issue[] {
  const { port, hosts, tls, bind = '' } = server;
  const { protocol } = port;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  const isSocket = isUnixSocket(bind);
  return [
    ...(isProtocol(protocol) ? [] : [issue('port.protocol', `must be a known protocol: got ${port.protocol}`)]),
    ...(port.targetPort === undefined ? [] : [issue('port.targetPort', 'must not be set')]),
    ...(isSocket || port.number > 0 ? [] : [issue('port.number', 'must be from 1 to 65535: got 0')]),
    ...(isSocket && port.number > 0 ? [issue('port.number', `must be 0 for a socket: got ${port.number}`)] : []),
    ...validateUnixSocket(bind, `${path}.bind`),
    ...(bind === '' || isSocket || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)]),
    ...hosts.flatMap((host, index) => validateServerHost(host, `${path}.hosts[${index}]`)),
    ...(isTlsProtocol(protocol) && tls === undefined
      ? [issue('tls', `must be set for protocol ${protocol}: got nothing`)]
      : []),
    ...(tls === undefined ? [] : validateTls(server, `${path}.tls`)),
  ];
}

function validateTls({ port, tls = {} }: GatewayServer, path: string): Issue[] {
  if (isTlsProtocol(port.protocol)) return validateServerTls(tls, path);
  const { mode = 'PASSTHROUGH', serverCertificate = '', privateKey = '', caCertificates = '' } = tls;
  const isPlain = mode === 'PASSTHROUGH' && `${serverCertificate}${privateKey}${caCertificates}` === '';
  return isPlain && isHttpProtocol(port.protocol)
    ? []
    : [{ path, message: `must have httpsRedirect only for protocol ${port.protocol}` }];
}

// `foo` would be completed with nobody's namespace; the name before the slash says whose VirtualServices are meant.
function validateServerHost(written: string, path: string): Issue[] {
  const { namespace, host } = splitServerHost(written);
  const isNamespace = namespace === '*' || namespace === '.' || isDnsLabel(namespace);
  if (!isNamespace) return [{ path, message: `must name a namespace, . or * before the slash: got ${written}` }];
  const isName = isIP(host) !== 0 || isWholeHost(host);
  return isName ? [] : [{ path, message: `must be a DNS name with a dot, *.example.com or *: got ${written}` }];
}

/** `shop/a.example.com` are names for VirtualServices of one namespace; without a slash, of any. */
export function splitServerHost(written: string): { namespace: string; host: string } {
  const slashAt = written.indexOf('/');
  if (slashAt === -1) return { namespace: '*', host: written.toLowerCase() };
  return { namespace: written.slice(0, slashAt), host: written.slice(slashAt + 1).toLowerCase() };
}

function warn({ servers }: GatewaySpec): Issue[] {
  return servers.flatMap(({ port, tls }, index) => {
    if (tls === undefined) return [];
    const path = `spec.servers[${index}].tls`;
    const isLost = tls.httpsRedirect === true && !isHttpProtocol(port.protocol);
    return [
      ...warnServerTls(tls, path),
      ...(isLost ? [{ path: `${path}.httpsRedirect`, message: `must stand beside HTTP: got ${port.protocol}` }] : []),
    ];
  });
}
