/** Rules for connections, `tls` and `tcp` of a VirtualService: what Istio refuses of them (istio.md 3.6). They route no HTTP. */

import { isIP } from 'node:net';
import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { coversHost, isHostPattern, isMeshServerName, isSubsetOf } from './host-name.ts';
import { validateDestination } from './validate-destination.ts';
import { validateGatewayName } from './validate-gateway-name.ts';
import { validateLabels } from './validate-labels.ts';

const l4Destination = z.object({
  destination: z.looseObject({
    host: z.string(),
    subset: z.string().optional(),
    port: z.looseObject({ number: z.number().int().min(1).max(65_535) }).optional(),
  }),
  weight: z.number().int().min(0).optional(),
});

const l4Match = z.looseObject({
  sniHosts: z.array(z.string()).optional(),
  destinationSubnets: z.array(z.string()).optional(),
  port: z.number().int().min(0).max(65_535).optional(),
  sourceLabels: z.record(z.string(), z.string()).optional(),
  gateways: z.array(z.string()).optional(),
});

export const l4RouteSchema = z.object({
  match: z.array(l4Match).optional(),
  route: z.array(l4Destination).optional(),
});

type L4Route = z.infer<typeof l4RouteSchema>;

export function validateTcpRoute(rule: L4Route, path: string): Issue[] {
  return [...validateDestinations(rule, path), ...validateConditions(rule, path)];
}

/** @param hosts of the VirtualService, within which the names of the rule must lie */
export function validateTlsRoute(rule: L4Route, { path, hosts }: { path: string; hosts: readonly string[] }): Issue[] {
  const { match = [] } = rule;
  return [
    ...(match.length === 0 ? [{ path: `${path}.match`, message: 'must have a condition: got none' }] : []),
    ...match.flatMap(({ sniHosts = [] }, index) =>
      sniHosts.length === 0
        ? [{ path: `${path}.match[${index}].sniHosts`, message: 'must have a name: got none' }]
        : sniHosts.flatMap((name) => validateSniHost(name, { path: `${path}.match[${index}].sniHosts`, hosts })),
    ),
    ...validateTcpRoute(rule, path),
  ];
}

function validateSniHost(name: string, { path, hosts }: { path: string; hosts: readonly string[] }): Issue[] {
  if (!isHostPattern(name) && !isMeshServerName(name))
    return [{ path, message: `must be a DNS name or *.example.com: got ${name}` }];
  const isWithin = hosts.some((host) => (name.startsWith('*') ? isSubsetOf(name, host) : coversHost(host, name)));
  return isWithin ? [] : [{ path, message: `must lie within spec.hosts: got ${name}` }];
}

function validateDestinations({ route = [] }: L4Route, path: string): Issue[] {
  if (route.length === 0) return [{ path: `${path}.route`, message: 'must have a destination: got none' }];
  const isWithoutWeight = route.length > 1 && route.every(({ weight = 0 }) => weight === 0);
  return [
    ...(isWithoutWeight ? [{ path: `${path}.route`, message: 'must have a weight above 0: got none' }] : []),
    ...route.flatMap(({ destination }, index) =>
      validateDestination(destination, `${path}.route[${index}].destination`),
    ),
  ];
}

function validateConditions({ match = [] }: L4Route, path: string): Issue[] {
  return match.flatMap(({ destinationSubnets = [], sourceLabels, gateways = [] }, index) => {
    const place = `${path}.match[${index}]`;
    return [
      ...destinationSubnets
        .filter((subnet) => !isSubnet(subnet))
        .map((subnet) => ({
          path: `${place}.destinationSubnets`,
          message: `must be an address or a network such as 10.0.0.0/8: got ${subnet}`,
        })),
      ...validateLabels(sourceLabels, `${place}.sourceLabels`),
      ...gateways.flatMap((written) => validateGatewayName(written, `${place}.gateways`)),
    ];
  });
}

/** Clients seldom send an address as the name of a server (RFC 6066 §3). */
export function warnTlsRoute({ match = [] }: L4Route, path: string): Issue[] {
  return match.flatMap(({ sniHosts = [] }, index) =>
    sniHosts
      .filter((name) => isIP(name) !== 0)
      .map((name) => ({
        path: `${path}.match[${index}].sniHosts`,
        message: `must be a name: got the address ${name}`,
      })),
  );
}

/** An IP address, or one with the length of its network. */
export function isSubnet(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}
