/** What MeshConfig says about access logs and tracing (istio.md 9.1, 9.3, 9.5), as far as the bundled proxy acts on it. */

import { z } from 'zod';

const serviceSchema = { service: z.string().min(1), port: z.int().min(1).max(65_535) };

const gatewayTopologySchema = z.object({
  numTrustedProxies: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Proxies before a gateway whose x-forwarded-for is believed'),
  forwardClientCertDetails: z
    .enum(['UNDEFINED', 'SANITIZE', 'FORWARD_ONLY', 'APPEND_FORWARD', 'SANITIZE_SET', 'ALWAYS_FORWARD_ONLY'])
    .optional(),
});

export const meshTelemetryFields = {
  accessLogFile: z.string().default('').describe('A file, /dev/stdout, or empty for none'),
  accessLogEncoding: z.enum(['TEXT', 'JSON']).default('TEXT'),
  accessLogFormat: z.string().default(''),
  enableTracing: z.boolean().optional(),
  extensionProviders: z
    .array(
      z.object({
        name: z.string().min(1),
        zipkin: z.object({ ...serviceSchema, path: z.string().optional() }).optional(),
        opentelemetry: z.object({ ...serviceSchema, http: z.object({ path: z.string() }).optional() }).optional(),
      }),
    )
    .default([]),
  defaultProviders: z.object({ tracing: z.array(z.string()).default([]) }).optional(),
  defaultConfig: z
    .object({
      gatewayTopology: gatewayTopologySchema.optional(),
      tracing: z
        .object({
          sampling: z.number().min(0).max(100).optional(),
          zipkin: z.object({ address: z.string().min(1) }).optional(),
        })
        .optional(),
    })
    .optional(),
} as const;
