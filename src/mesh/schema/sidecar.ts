/** Istio's Sidecar (networking.istio.io): shape, validation, parsing. Rules: istio.md §7.4 and §11. */

import { isIP } from 'node:net';
import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { connectionPoolSchema } from './destination-rule.ts';
import { isDnsLabel } from './dns-label.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern } from './host-name.ts';
import { destinationSchema } from './http-route.ts';
import { serverTlsSchema } from './server-tls.ts';

const portSchema = z.object({
  number: z.number().int().min(0).max(65_535),
  protocol: z.string().optional(),
  name: z.string().optional(),
  targetPort: z.number().int().optional(),
});
const captureMode = z.enum(['DEFAULT', 'IPTABLES', 'NONE']).optional();

const ingressSchema = z.object({
  port: portSchema,
  bind: z.string().optional(),
  captureMode,
  defaultEndpoint: z.string().optional(),
  tls: serverTlsSchema.optional(),
  connectionPool: connectionPoolSchema.optional(),
});

const egressSchema = z.object({
  port: portSchema.optional(),
  bind: z.string().optional(),
  captureMode,
  hosts: z.array(z.string()).min(1),
});

export const sidecarSpecSchema = z.object({
  workloadSelector: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
  ingress: z.array(ingressSchema).optional(),
  egress: z.array(egressSchema).optional().describe('What the workloads may reach: `namespace/name`, `./*`, `*/*`'),
  inboundConnectionPool: connectionPoolSchema.optional(),
  outboundTrafficPolicy: z
    .object({ mode: z.enum(['ALLOW_ANY', 'REGISTRY_ONLY']).optional(), egressProxy: destinationSchema.optional() })
    .optional(),
});

export type SidecarSpec = z.infer<typeof sidecarSpecSchema>;
export type Sidecar = IstioObject<SidecarSpec>;
type Ingress = NonNullable<SidecarSpec['ingress']>[number];
type Egress = NonNullable<SidecarSpec['egress']>[number];

/** Parses one Sidecar; unknown fields are warnings. */
export function parseSidecar(object: unknown): ParsedIstio<Sidecar> {
  return parseIstio(object, { schema: sidecarSpecSchema, kind: 'Sidecar', validate, warn, strictBelow: [] });
}

function validate(spec: SidecarSpec): Issue[] {
  const { ingress = [], egress = [], outboundTrafficPolicy, inboundConnectionPool } = spec;
  const isEmpty = ingress.length + egress.length === 0 && !outboundTrafficPolicy && !inboundConnectionPool;
  const numbers = ingress.map(({ port }) => port.number);
  const { mode = 'REGISTRY_ONLY', egressProxy } = outboundTrafficPolicy ?? {};
  return [
    ...(isEmpty ? [{ path: 'spec', message: 'must have ingress, egress or a policy: got none' }] : []),
    ...numbers
      .filter((number, index) => numbers.indexOf(number) !== index)
      .map((number) => ({ path: 'spec.ingress', message: `must not repeat a port: got ${number}` })),
    ...ingress.flatMap((listener, index) => validateIngress(listener, `spec.ingress[${index}]`)),
    ...egress.flatMap((listener, index) =>
      validateEgress(listener, { path: `spec.egress[${index}]`, isLast: index === egress.length - 1 }),
    ),
    ...(egressProxy !== undefined && mode !== 'ALLOW_ANY'
      ? [{ path: 'spec.outboundTrafficPolicy.egressProxy', message: `must stand beside ALLOW_ANY: got ${mode}` }]
      : []),
  ];
}

function validateIngress(
  { port, tls, defaultEndpoint = '', bind = '', connectionPool }: Ingress,
  path: string,
): Issue[] {
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  const isUsable = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):\d{1,5}$|^unix:\/\/\/?.+/.test(defaultEndpoint);
  return [
    ...(port.number > 0 ? [] : [issue('port.number', 'must be from 1 to 65535: got 0')]),
    ...(bind === '' || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)]),
    ...(defaultEndpoint === '' || isUsable
      ? []
      : [issue('defaultEndpoint', `must be a port of this host, such as 127.0.0.1:8080: got ${defaultEndpoint}`)]),
    ...(connectionPool !== undefined && Object.keys(connectionPool).length === 0
      ? [issue('connectionPool', 'must have tcp or http: got neither')]
      : []),
    ...(tls === undefined ? [] : validateIngressTls(tls, port, path)),
  ];
}

function validateIngressTls(
  tls: NonNullable<Ingress['tls']>,
  { protocol = '' }: Ingress['port'],
  path: string,
): Issue[] {
  const { mode = 'PASSTHROUGH' } = tls;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.tls${field}`, message });
  const unusable = (
    ['credentialName', 'credentialNames', 'tlsCertificates', 'subjectAltNames', 'httpsRedirect'] as const
  ).filter((field) => tls[field] !== undefined);
  return [
    ...(['SIMPLE', 'MUTUAL', 'OPTIONAL_MUTUAL'].includes(mode)
      ? []
      : [issue('.mode', `must be SIMPLE or MUTUAL: got ${mode}`)]),
    ...(/^(https|tls)$/i.test(protocol) ? [] : [issue('', `must stand beside protocol HTTPS or TLS: got ${protocol}`)]),
    ...unusable.map((field) => issue(`.${field}`, 'must not be set in a Sidecar')),
  ];
}

function validateEgress(listener: Egress, { path, isLast }: { path: string; isLast: boolean }): Issue[] {
  const { port, bind = '', captureMode: mode = 'DEFAULT', hosts } = listener;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.${field}`, message });
  const isSocket = bind.startsWith('unix://');
  return [
    ...(port === undefined && !isLast ? [issue('port', 'must be set, save for the last listener')] : []),
    ...(port === undefined && mode === 'NONE' ? [issue('port', 'must be set with captureMode NONE')] : []),
    ...(port !== undefined && !isSocket && port.number === 0
      ? [issue('port.number', 'must be from 1 to 65535: got 0')]
      : []),
    ...(isSocket && mode !== 'DEFAULT' && mode !== 'NONE'
      ? [issue('captureMode', 'must be DEFAULT or NONE for a socket')]
      : []),
    ...(bind === '' || isSocket || isIP(bind) !== 0 ? [] : [issue('bind', `must be an IP address: got ${bind}`)]),
    ...hosts.flatMap((host, index) =>
      isEgressHost(host) ? [] : [issue(`hosts[${index}]`, `must be NAMESPACE/NAME, ./NAME or */NAME: got ${host}`)],
    ),
  ];
}

function isEgressHost(written: string): boolean {
  const [namespace = '', host, ...more] = written.split('/');
  if (host === undefined || more.length > 0) return false;
  const isNamespace = ['*', '.', '~'].includes(namespace) || isDnsLabel(namespace);
  return isNamespace && (host === '*' || (host !== '' && isHostPattern(host)));
}

function warn({ egress = [] }: SidecarSpec): Issue[] {
  return egress.flatMap(({ hosts }, index) => {
    const whole = new Set(hosts.filter((host) => host.endsWith('/*')).map((host) => host.split('/')[0]));
    const covered = hosts.filter(
      (host, at) => hosts.indexOf(host) !== at || (!host.endsWith('/*') && whole.has(host.split('/')[0])),
    );
    return covered.map((host) => ({
      path: `spec.egress[${index}].hosts`,
      message: `must not repeat what another entry has: got ${host}`,
    }));
  });
}
