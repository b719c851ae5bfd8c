/** Istio's Sidecar (networking.istio.io): shape, validation, parsing. Rules: istio.md §7.4 and §11. */

import { z } from 'zod';
import { connectionPoolSchema } from './destination-rule.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { destinationSchema } from './http-route.ts';
import { serverTlsSchema } from './server-tls.ts';
import { validateSidecar, warnSidecar } from './validate-sidecar.ts';

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

/** Parses one Sidecar; unknown fields are warnings. */
export function parseSidecar(object: unknown): ParsedIstio<Sidecar> {
  return parseIstio(object, {
    schema: sidecarSpecSchema,
    kind: 'Sidecar',
    validate: validateSidecar,
    warn: (spec, { namespace }) => warnSidecar(spec, namespace),
    strictBelow: [],
  });
}
