/** Istio's VirtualService (networking.istio.io): shape, validation, parsing. Rules: istio.md §3 and §11. */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern, isMeshServerName, isSubsetOf } from './host-name.ts';
import { httpRouteSchema } from './http-route.ts';
import { validateClaims } from './token-claim.ts';
import { validateExportTo } from './validate-export-to.ts';
import { validateGatewayName } from './validate-gateway-name.ts';
import { validateHttpRoute } from './validate-http-route.ts';
import { l4RouteSchema, validateTcpRoute, validateTlsRoute, warnTlsRoute } from './validate-l4-route.ts';
import { warnHttpRoute } from './warn-http-route.ts';

export const virtualServiceSpecSchema = z.object({
  hosts: z
    .array(z.string())
    .optional()
    .describe('Names that this object routes; a short name is completed with its namespace'),
  gateways: z.array(z.string()).optional().describe('Absent or `mesh`: sidecars and the bundled proxy'),
  http: z.array(httpRouteSchema).optional().describe('Rules in order; the first that matches decides'),
  tls: z.array(l4RouteSchema).optional(),
  tcp: z.array(l4RouteSchema).optional(),
  exportTo: z.array(z.string()).optional(),
});

export type VirtualServiceSpec = z.infer<typeof virtualServiceSpecSchema>;
export type VirtualService = IstioObject<VirtualServiceSpec>;

/** Parses one VirtualService; unknown fields are warnings, except inside http rules, where they would widen a rule. */
export function parseVirtualService(object: unknown): ParsedIstio<VirtualService> {
  return parseIstio(object, {
    schema: virtualServiceSpecSchema,
    kind: 'VirtualService',
    validate,
    warn,
    strictBelow: ['spec.http'],
  });
}

/** Whether sidecars, and so the bundled proxy, use it. */
export function appliesToMesh({ gateways = [] }: VirtualServiceSpec): boolean {
  return gateways.length === 0 || gateways.includes('mesh');
}

function validate(spec: VirtualServiceSpec, { namespace }: { namespace: string }): Issue[] {
  const { hosts = [], gateways = [] } = spec;
  const rules = [spec.http, spec.tls, spec.tcp].some((list) => (list ?? []).length > 0);
  return [
    ...hosts.flatMap((host, index) => validateHost(host, index, spec)),
    ...(rules ? [] : [{ path: 'spec', message: 'must have at least one of http, tls and tcp: got none' }]),
    ...validateDelegate(spec),
    ...gateways.flatMap((written, index) => validateGatewayName(written, `spec.gateways[${index}]`)),
    ...(spec.http ?? []).flatMap((rule, index) => validateHttpRoute(rule, `spec.http[${index}]`)),
    ...(appliesToMesh(spec)
      ? (spec.http ?? []).flatMap((rule, index) => validateClaims(rule, `spec.http[${index}]`))
      : []),
    ...(spec.tls ?? []).flatMap((rule, index) => validateTlsRoute(rule, { path: `spec.tls[${index}]`, hosts })),
    ...(spec.tcp ?? []).flatMap((rule, index) => validateTcpRoute(rule, `spec.tcp[${index}]`)),
    ...validateExportTo({ ...spec, namespace }, 'VirtualService'),
  ];
}

function warn({ http = [], tls = [], gateways = [] }: VirtualServiceSpec): Issue[] {
  const long = gateways.flatMap((written, index) =>
    !written.includes('/') && written.includes('.')
      ? [{ path: `spec.gateways[${index}]`, message: `must be NAMESPACE/NAME: got ${written}, an old form` }]
      : [],
  );
  return [
    ...long,
    ...http.flatMap((rule, index) => warnHttpRoute(rule, `spec.http[${index}]`)),
    ...tls.flatMap((rule, index) => warnTlsRoute(rule, `spec.tls[${index}]`)),
  ];
}

function validateHost(host: string, index: number, spec: VirtualServiceSpec): Issue[] {
  const path = `spec.hosts[${index}]`;
  const isServerName = isMeshServerName(host) && (spec.tls ?? []).length > 0 && !appliesToMesh(spec);
  if (!isHostPattern(host) && !isServerName) {
    return [{ path, message: `must be a DNS name, an IP address or a wildcard such as *.example.com: got ${host}` }];
  }
  if (host === '*' && appliesToMesh(spec)) {
    return [{ path, message: 'must be narrower than * for the mesh: got *' }];
  }
  const covering = spec.hosts?.find(
    (other, at) => at !== index && isSubsetOf(host, other) && (host !== other || at < index),
  );
  return covering === undefined
    ? []
    : [{ path, message: `must not lie within another host: got ${host} and ${covering}` }];
}

// Without hosts it is a part that another VirtualService includes.
function validateDelegate({ hosts = [], ...spec }: VirtualServiceSpec): Issue[] {
  if (hosts.length > 0) return [];
  const unincluded = (['gateways', 'tcp', 'tls'] as const)
    .filter((field) => (spec[field] ?? []).length > 0)
    .map((field) => ({ path: 'spec.hosts', message: `must not be empty with ${field}: got none` }));
  const nested = (spec.http ?? []).flatMap(({ delegate }, index) =>
    delegate === undefined
      ? []
      : [{ path: `spec.http[${index}].delegate`, message: 'must stand in a VirtualService with hosts: got none' }],
  );
  return [...unincluded, ...nested];
}
