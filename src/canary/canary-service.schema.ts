/** `spec.service` of a Canary: the three Services and the route that are generated for it (Flagger v1beta1, field for field). */

import { z } from 'zod';
import { httpMatchSchema, stringMatchSchema } from './canary-analysis.schema.ts';

const metadataSchema = z.object({
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const headerOperationsSchema = z.object({
  add: z.record(z.string(), z.string()).optional(),
  set: z.record(z.string(), z.string()).optional(),
  remove: z.array(z.string()).optional(),
});

const corsSchema = z.object({
  allowOrigin: z.array(z.string()).optional(),
  allowOrigins: z.array(stringMatchSchema).optional(),
  allowMethods: z.array(z.string()).optional(),
  allowHeaders: z.array(z.string()).optional(),
  exposeHeaders: z.array(z.string()).optional(),
  maxAge: z.string().optional(),
  allowCredentials: z.boolean().optional(),
});

const gatewayRefSchema = z.object({
  group: z.string().optional(),
  kind: z.string().optional(),
  name: z.string(),
  namespace: z.string().optional(),
  sectionName: z.string().optional(),
  port: z.number().optional(),
});

export const serviceSchema = z.object({
  name: z.string().optional(),
  port: z.number(),
  portName: z.string().optional(),
  targetPort: z.union([z.number(), z.string()]).optional(),
  appProtocol: z.string().optional(),
  trafficDistribution: z.enum(['PreferClose', 'PreferSameZone', 'PreferSameNode']).optional(),
  portDiscovery: z.boolean().optional(),
  headless: z.boolean().optional(),
  timeout: z.string().optional(),
  backendTimeout: z.string().optional(),
  gateways: z.array(z.string()).optional(),
  gatewayRefs: z.array(gatewayRefSchema).max(32).optional(),
  hosts: z.array(z.string()).optional(),
  delegation: z.boolean().optional(),
  /** Istio's TrafficPolicy; mesh/ gives it its meaning. */
  trafficPolicy: z.looseObject({}).optional(),
  match: z.array(httpMatchSchema).optional(),
  rewrite: z
    .object({ uri: z.string().optional(), authority: z.string().optional(), type: z.string().optional() })
    .optional(),
  retries: z
    .object({ attempts: z.number().optional(), perTryTimeout: z.string().optional(), retryOn: z.string().optional() })
    .optional(),
  headers: z
    .object({ request: headerOperationsSchema.optional(), response: headerOperationsSchema.optional() })
    .optional(),
  mirror: z.array(z.looseObject({})).optional(),
  corsPolicy: corsSchema.optional(),
  meshName: z.string().optional(),
  backends: z.array(z.string()).optional(),
  apex: metadataSchema.optional(),
  primary: metadataSchema.optional(),
  canary: metadataSchema.optional(),
  unmanagedMetadata: z
    .object({ annotations: z.array(z.string()).optional(), labels: z.array(z.string()).optional() })
    .optional(),
});

export type ServiceSpec = z.output<typeof serviceSchema>;
