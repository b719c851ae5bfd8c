/** Istio's ServiceEntry (networking.istio.io): shape, validation, parsing. Rules: istio.md §7.1 and §11. */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern } from './host-name.ts';

const port = z.number().int().min(1).max(65_535);

export const serviceEntrySpecSchema = z.object({
  hosts: z.array(z.string()).min(1),
  addresses: z.array(z.string()).optional(),
  ports: z
    .array(
      z.object({
        number: port,
        name: z.string().min(1),
        protocol: z.string().optional(),
        targetPort: port.optional(),
      }),
    )
    .optional(),
  location: z.enum(['MESH_EXTERNAL', 'MESH_INTERNAL']).optional(),
  resolution: z.enum(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']).optional(),
  endpoints: z
    .array(
      z.object({
        address: z.string().optional(),
        ports: z.record(z.string(), port).optional(),
        labels: z.record(z.string(), z.string()).optional(),
        network: z.string().optional(),
        locality: z.string().optional(),
        weight: z.number().int().min(0).optional(),
        serviceAccount: z.string().optional(),
      }),
    )
    .optional(),
  workloadSelector: z.looseObject({}).optional(),
  exportTo: z.array(z.string()).optional(),
  subjectAltNames: z.array(z.string()).optional(),
});

export type ServiceEntrySpec = z.infer<typeof serviceEntrySpecSchema>;
export type ServiceEntry = IstioObject<ServiceEntrySpec>;

/** Parses one ServiceEntry; unknown fields are warnings. */
export function parseServiceEntry(object: unknown): ParsedIstio<ServiceEntry> {
  return parseIstio(object, { schema: serviceEntrySpecSchema, kind: 'ServiceEntry', validate, strictBelow: [] });
}

function validate({ hosts, ports = [], endpoints = [], workloadSelector, resolution }: ServiceEntrySpec): Issue[] {
  const names = ports.map(({ name }) => name);
  const numbers = ports.map(({ number }) => number);
  const undeclared = endpoints.flatMap((endpoint) =>
    Object.keys(endpoint.ports ?? {}).filter((name) => !names.includes(name)),
  );
  const issue = (path: string, message: string): Issue => ({ path, message });
  return [
    ...hosts
      .filter((host) => host === '*' || !isHostPattern(host))
      .map((host) => issue('spec.hosts', `must be a DNS name or a wildcard such as *.example.com: got ${host}`)),
    ...(ports.length === 0 ? [issue('spec.ports', 'must have a port: got none')] : []),
    ...(new Set(names).size < names.length ? [issue('spec.ports', 'must not repeat a name')] : []),
    ...(new Set(numbers).size < numbers.length ? [issue('spec.ports', 'must not repeat a number')] : []),
    ...undeclared.map((name) => issue('spec.endpoints', `must name ports of the entry: got ${name}`)),
    ...(workloadSelector !== undefined && endpoints.length > 0
      ? [issue('spec.workloadSelector', 'must not stand beside endpoints: got both')]
      : []),
    ...((resolution ?? 'NONE') === 'NONE' && endpoints.length > 0
      ? [issue('spec.endpoints', 'must be empty with resolution NONE')]
      : []),
  ];
}
