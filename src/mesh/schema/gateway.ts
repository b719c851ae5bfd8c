/** Istio's Gateway (networking.istio.io): shape, validation, parsing. Rules: istio.md §6 and §11. */

import { isIP } from 'node:net';
import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern } from './host-name.ts';
import { serverTlsSchema, validateServerTls, warnServerTls } from './server-tls.ts';

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

const HTTP_PROTOCOLS = ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'];
const TLS_PROTOCOLS = ['HTTPS', 'TLS'];
const PROTOCOLS = [...HTTP_PROTOCOLS, ...TLS_PROTOCOLS, 'TCP', 'MONGO', 'MYSQL', 'REDIS', 'UDP'];

/** Whether the server takes HTTP without TLS. */
export function isPlainHttp({ port }: GatewayServer): boolean {
  return HTTP_PROTOCOLS.includes(port.protocol.toUpperCase());
}

function validate({ servers }: GatewaySpec): Issue[] {
  const names = servers.map(({ port }) => port.name);
  return [
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ path: 'spec.servers', message: `must not repeat a port name: got ${name}` })),
    ...servers.flatMap((server, index) => validateServer(server, `spec.servers[${index}]`)),
  ];
}

function validateServer(server: GatewayServer, path: string): Issue[] {
  const { port, hosts, tls, bind = '' } = server;
  const protocol = port.protocol.toUpperCase();
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  const isSocket = bind.startsWith('unix://');
  return [
    ...(PROTOCOLS.includes(protocol) ? [] : [issue('port.protocol', `must be a known protocol: got ${port.protocol}`)]),
    ...(port.targetPort === undefined ? [] : [issue('port.targetPort', 'must not be set')]),
    ...(isSocket || port.number > 0 ? [] : [issue('port.number', 'must be from 1 to 65535: got 0')]),
    ...(bind === '' || isSocket || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)]),
    ...hosts.flatMap((host, index) => validateServerHost(host, `${path}.hosts[${index}]`)),
    ...(TLS_PROTOCOLS.includes(protocol) && tls === undefined
      ? [issue('tls', `must be set for protocol ${protocol}: got nothing`)]
      : []),
    ...(tls === undefined ? [] : validateTls(server, `${path}.tls`)),
  ];
}

function validateTls({ port, tls = {} }: GatewayServer, path: string): Issue[] {
  if (TLS_PROTOCOLS.includes(port.protocol.toUpperCase())) return validateServerTls(tls, path);
  const { httpsRedirect: _redirect, mode, ...rest } = tls;
  const isPlain = (mode === undefined || mode === 'PASSTHROUGH') && Object.keys(rest).length === 0;
  return isPlain ? [] : [{ path, message: `must have httpsRedirect only for protocol ${port.protocol}` }];
}

// `foo` would be completed with nobody's namespace; the name before the slash says whose VirtualServices are meant.
function validateServerHost(written: string, path: string): Issue[] {
  const { namespace, host } = splitServerHost(written);
  const isNamespace = namespace === '*' || namespace === '.' || isDnsLabel(namespace);
  if (!isNamespace) return [{ path, message: `must name a namespace, . or * before the slash: got ${written}` }];
  const isName = host === '*' || isIP(host) !== 0 || (host.includes('.') && isHostPattern(host));
  return isName ? [] : [{ path, message: `must be a DNS name with a dot, *.example.com or *: got ${written}` }];
}

/** `shop/a.example.com` are names for VirtualServices of one namespace; without a slash, of any. */
export function splitServerHost(written: string): { namespace: string; host: string } {
  const slashAt = written.indexOf('/');
  if (slashAt === -1) return { namespace: '*', host: written.toLowerCase() };
  return { namespace: written.slice(0, slashAt), host: written.slice(slashAt + 1).toLowerCase() };
}

function warn({ servers }: GatewaySpec): Issue[] {
  return servers.flatMap(({ tls }, index) =>
    tls === undefined ? [] : warnServerTls(tls, `spec.servers[${index}].tls`),
  );
}
