/** Istio's HTTPRoute: one rule of `spec.http`. Plain shapes without transforms, since CRDs are generated from them. */

import { z } from 'zod';
import { durationOrZeroSchema, durationSchema } from './duration.ts';
import { httpMatchSchema } from './http-match.ts';
import { stringMatchSchema } from './string-match.ts';

/** Istio's weights are 32 bits wide, so that no sum of them loses exactness here. */
const MAX_INT32 = 2_147_483_647;

const port = z.number().int().min(1).max(65_535);
const percentSchema = z.object({ value: z.number().min(0).max(100).optional() });
const status = z.number().int().min(200).max(599);

export const destinationSchema = z.object({
  host: z.string().min(1),
  subset: z.string().optional(),
  port: z.object({ number: port }).optional(),
});

const headerOperationsSchema = z.object({
  set: z.record(z.string(), z.string()).optional(),
  add: z.record(z.string(), z.string()).optional(),
  remove: z.array(z.string()).optional(),
});

export const headersSchema = z.object({
  request: headerOperationsSchema.optional(),
  response: headerOperationsSchema.optional(),
});

export const rewriteSchema = z.object({
  uri: z.string().optional(),
  authority: z.string().optional(),
  uriRegexRewrite: z.object({ match: z.string().optional(), rewrite: z.string().optional() }).optional(),
});

export const retriesSchema = z.object({
  attempts: z.number().int().min(0).optional().describe('Retries after the first try; 0 switches retries off'),
  perTryTimeout: durationSchema.optional(),
  retryOn: z.string().optional(),
  retryRemoteLocalities: z.boolean().optional(),
  retryIgnorePreviousHosts: z.boolean().optional(),
  backoff: durationSchema.optional(),
});

export const corsPolicySchema = z.object({
  allowOrigin: z.array(z.string()).optional(),
  allowOrigins: z.array(stringMatchSchema).optional(),
  allowMethods: z.array(z.string()).optional(),
  allowHeaders: z.array(z.string()).optional(),
  exposeHeaders: z.array(z.string()).optional(),
  maxAge: durationSchema.optional(),
  allowCredentials: z.boolean().optional(),
  unmatchedPreflights: z.enum(['UNSPECIFIED', 'FORWARD', 'IGNORE']).optional(),
});

const redirectSchema = z.object({
  uri: z.string().optional(),
  prefixRewrite: z.string().optional(),
  authority: z.string().optional(),
  port: port.or(z.literal(0)).optional(),
  derivePort: z.enum(['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT']).optional(),
  scheme: z.string().optional(),
  redirectCode: z.number().int().optional(),
});

const directResponseSchema = z.object({
  status,
  body: z.object({ string: z.string().optional(), bytes: z.string().optional() }).optional(),
});

const faultSchema = z.object({
  delay: z
    .object({
      percent: z.number().int().min(0).max(100).optional(),
      percentage: percentSchema.optional(),
      fixedDelay: durationSchema.optional(),
      exponentialDelay: durationOrZeroSchema.optional(),
    })
    .optional(),
  abort: z
    .object({
      percentage: percentSchema.optional(),
      httpStatus: status.optional(),
      grpcStatus: z.string().optional(),
      http2Error: z.string().optional(),
    })
    .optional(),
});

export const httpRouteSchema = z.object({
  name: z.string().optional(),
  match: z.array(httpMatchSchema).optional().describe('Any of these; absent or empty: every request'),
  route: z
    .array(
      z.object({
        destination: destinationSchema,
        weight: z.number().int().min(0).max(MAX_INT32).optional(),
        headers: headersSchema.optional(),
      }),
    )
    .optional(),
  redirect: redirectSchema.optional(),
  directResponse: directResponseSchema.optional(),
  delegate: z.object({ name: z.string().optional(), namespace: z.string().optional() }).optional(),
  rewrite: rewriteSchema.optional(),
  timeout: durationSchema.optional().describe('For the whole request, all tries included'),
  retries: retriesSchema.optional(),
  fault: faultSchema.optional(),
  mirror: destinationSchema.optional(),
  mirrorPercent: z.number().int().min(0).max(100).optional(),
  mirror_percent: z.number().int().min(0).max(100).optional(),
  mirrorPercentage: percentSchema.optional(),
  mirrors: z.array(z.object({ destination: destinationSchema, percentage: percentSchema.optional() })).optional(),
  corsPolicy: corsPolicySchema.optional(),
  headers: headersSchema.optional(),
});

export type RetriesSpec = z.infer<typeof retriesSchema>;
export type HttpRouteSpec = z.infer<typeof httpRouteSchema>;
export type DestinationSpec = z.infer<typeof destinationSchema>;
export type HeadersSpec = z.infer<typeof headersSchema>;
