/** What the parent accepts over its socket. The types stand in mesh/table; this checks that a message really has them. */

import { z } from 'zod';
import type { TableItem, ToProxy } from '../../mesh/table/handover.ts';

const stringMatch = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exact'), value: z.string() }),
  z.object({ kind: z.literal('prefix'), value: z.string() }),
  z.object({ kind: z.literal('regex'), value: z.string() }),
  z.object({ kind: z.literal('present') }),
]);
const matches = z.record(z.string(), stringMatch);
const operations = z.object({
  set: z.record(z.string(), z.string()).optional(),
  add: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  remove: z.array(z.string()).optional(),
});
const forward = z.object({
  kind: z.literal('forward'),
  clusters: z
    .array(
      z.object({
        cluster: z.string(),
        weight: z.int().min(0),
        requestHeaders: operations.optional(),
        responseHeaders: operations.optional(),
      }),
    )
    .min(1)
    .refine((clusters) => clusters.length === 1 || clusters.some(({ weight }) => weight > 0), 'must not all be 0'),
  mirrors: z.array(z.object({ cluster: z.string(), percent: z.number().min(0).max(100) })),
});
const directResponse = z.object({
  kind: z.literal('directResponse'),
  status: z.int().min(200).max(599),
  body: z.string(),
});
const pathRewrite = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prefix'), prefix: z.string(), to: z.string() }),
  z.object({ kind: z.literal('whole'), to: z.string() }),
  z.object({ kind: z.literal('regex'), pattern: z.string(), to: z.string() }),
]);
const redirect = z.object({
  kind: z.literal('redirect'),
  status: z.int().min(300).max(399),
  scheme: z.string().optional(),
  authority: z.string().optional(),
  port: z.int().min(1).max(65_535).optional(),
  keepsPort: z.boolean().optional(),
  path: pathRewrite.optional(),
});
const percent = z.number().min(0).max(100);
const fault = z.object({
  delay: z.object({ percent, delayMs: z.number().positive() }).optional(),
  abort: z.object({ percent, status: z.int().min(200).max(599), grpcStatus: z.int().optional() }).optional(),
});
const cors = z.object({
  origins: z.array(stringMatch),
  allowMethods: z.string().optional(),
  allowHeaders: z.string().optional(),
  exposeHeaders: z.string().optional(),
  maxAgeSeconds: z.number().min(0).optional(),
  allowCredentials: z.boolean().optional(),
  answersUnmatched: z.boolean().optional(),
});
const route = z.object({
  name: z.string(),
  virtualService: z.string().optional(),
  match: z
    .object({
      uri: stringMatch.optional(),
      ignoreUriCase: z.boolean().optional(),
      method: stringMatch.optional(),
      authority: stringMatch.optional(),
      scheme: stringMatch.optional(),
      headers: matches.optional(),
      withoutHeaders: matches.optional(),
      queryParams: matches.optional(),
    })
    .optional(),
  action: z.discriminatedUnion('kind', [forward, directResponse, redirect]),
  rewrite: pathRewrite.optional(),
  authority: z.string().optional(),
  fault: fault.optional(),
  cors: cors.optional(),
  timeoutMs: z.number().positive().optional(),
  retry: z
    .object({
      attempts: z.int().min(0),
      perTryTimeoutMs: z.number().positive().optional(),
      on: z.array(z.string()),
      backoffMs: z.number().positive().optional(),
      mayRepeatEndpoint: z.boolean().optional(),
    })
    .optional(),
  requestHeaders: operations.optional(),
  responseHeaders: operations.optional(),
});
const hash = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('header'), name: z.string() }),
  z.object({ kind: z.literal('query'), name: z.string() }),
  z.object({ kind: z.literal('sourceIp') }),
  z.object({ kind: z.literal('cookie'), name: z.string(), attributes: z.string().optional() }),
]);
const outliers = z.object({
  consecutive5xx: z.int().min(0),
  consecutiveGateway: z.int().min(0),
  consecutiveLocal: z.int().min(0).optional(),
  errorCodes: z.array(z.int().min(100).max(599)).optional(),
  intervalMs: z.number().positive(),
  baseEjectionMs: z.number().positive(),
  ejectedPercentMost: percent,
  healthyPercentLeast: percent,
});
const limit = z.int().positive().optional();
const limits = z.object({
  connections: limit,
  pending: limit,
  requests: limit,
  retries: limit,
  retryBudget: z.object({ percent, least: z.int().min(0) }).optional(),
});
const labels = z.object({
  workload: z.string(),
  namespace: z.string(),
  app: z.string(),
  version: z.string(),
  canonicalService: z.string(),
  canonicalRevision: z.string(),
});
const identity = { name: z.string().min(1), hash: z.string() };

const tableItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('virtualHost'),
    ...identity,
    value: z.object({
      name: z.string(),
      domains: z.array(z.string()),
      port: z.int().optional(),
      portDomains: z.array(z.string()).optional(),
      routes: z.array(route),
    }),
  }),
  z.object({
    kind: z.literal('cluster'),
    ...identity,
    value: z.object({
      name: z.string(),
      service: z.object({ host: z.string(), name: z.string(), namespace: z.string() }),
      destinationRules: z.array(z.string()).optional(),
      connectTimeoutMs: z.number().positive(),
      loadBalancer: z.enum(['LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM']),
      warmup: z
        .object({
          durationMs: z.number().positive(),
          leastShare: z.number().min(0).max(1),
          aggression: z.number().positive(),
        })
        .optional(),
      localityWeights: z.record(z.string(), z.number().min(0)).optional(),
      hash: hash.optional(),
      outliers: outliers.optional(),
      limits: limits.optional(),
      requestsPerConnection: z.int().positive().optional(),
      idleMs: z.number().positive().optional(),
      connectionLifeMs: z.number().positive().optional(),
      keepAliveMs: z.number().positive().optional(),
    }),
  }),
  z.object({
    kind: z.literal('endpoints'),
    ...identity,
    value: z.object({
      cluster: z.string(),
      endpoints: z.array(
        z.object({
          address: z.string().regex(/^.+:\d{1,5}$/),
          labels,
          weight: z.number().positive().optional(),
          priority: z.int().min(0).optional(),
          locality: z.string().optional(),
        }),
      ),
    }),
  }),
]);

const message = z.discriminatedUnion('type', [
  z.object({ type: z.literal('put'), item: z.unknown() }),
  z.object({ type: z.literal('remove'), kind: z.enum(['virtualHost', 'cluster', 'endpoints']), name: z.string() }),
  z.object({ type: z.literal('commit'), version: z.int().min(1) }),
]);

export type HandoverMessage = Exclude<ToProxy, { type: 'put' }> | { type: 'put'; item: unknown };

/** @throws when the line is none of the protocol's messages; the items themselves are judged at commit */
export function parseHandoverMessage(line: string): HandoverMessage {
  return message.parse(JSON.parse(line));
}

export type ParsedItem = { ok: true; item: TableItem } | { ok: false; reason: string };

export function parseTableItem(input: unknown): ParsedItem {
  const parsed = tableItem.safeParse(input);
  if (parsed.success) return { ok: true, item: parsed.data as TableItem };
  const [issue] = parsed.error.issues;
  const { kind, name } = (input ?? {}) as { kind?: unknown; name?: unknown };
  return { ok: false, reason: `${String(kind)}/${String(name)}: ${issue?.path.join('.')}: ${issue?.message}` };
}
