/** Istio's ServiceEntry (networking.istio.io): shape, parsing. Its rules are in validate-service-entry.ts. */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { type CheckedMeta, type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { validateExportTo } from './validate-export-to.ts';
import { validateServiceEntry, validateWaypoint, warnServiceEntry } from './validate-service-entry.ts';
import { workloadEntrySpecSchema } from './workload-entry.ts';

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
  resolution: z
    .enum(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'])
    .optional()
    .describe('Where the addresses come from: STATIC as written, DNS by asking again and again'),
  endpoints: z.array(workloadEntrySpecSchema).optional(),
  workloadSelector: z.object({ labels: z.record(z.string(), z.string()).optional() }).optional(),
  exportTo: z.array(z.string()).optional(),
  subjectAltNames: z.array(z.string()).optional(),
});

export type ServiceEntrySpec = z.infer<typeof serviceEntrySpecSchema>;
export type ServiceEntry = IstioObject<ServiceEntrySpec>;

/** Parses one ServiceEntry; unknown fields are warnings. */
export function parseServiceEntry(object: unknown): ParsedIstio<ServiceEntry> {
  return parseIstio(object, {
    schema: serviceEntrySpecSchema,
    kind: 'ServiceEntry',
    validate,
    warn: warnServiceEntry,
    strictBelow: [],
  });
}

function validate(spec: ServiceEntrySpec, { namespace, labels }: CheckedMeta): Issue[] {
  return [
    ...validateServiceEntry(spec),
    ...validateWaypoint(spec, labels ?? {}),
    ...validateExportTo({ ...spec, namespace }, 'ServiceEntry'),
  ];
}
