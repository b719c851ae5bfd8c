/** What prometheus-query rejects with, in words; nothing of the HTTP exchange (headers, tokens) gets past here. */

import { z } from 'zod';

const driverErrorSchema = z.object({
  error: z.string().optional(),
  errorType: z.string().optional(),
  code: z.string().optional(),
  httpStatus: z.number().optional(),
  prometheus: z.object({ error: z.string(), errorType: z.string().optional() }).optional().catch(undefined),
});

export function reasonOfDriverError(thrown: unknown): string {
  const parsed = driverErrorSchema.safeParse(thrown);
  if (!parsed.success) return thrown instanceof Error ? thrown.message : 'the query failed for an unknown reason';
  const { error, code, httpStatus, prometheus } = parsed.data;
  if (prometheus !== undefined) return `${prometheus.errorType ?? 'error'}: ${prometheus.error}`;
  if (httpStatus !== undefined) return `HTTP status ${httpStatus}`;
  if (code === 'ERR_CANCELED') return 'the query was cancelled';
  return error === undefined || error === '' ? (code ?? 'the connection failed') : error;
}
