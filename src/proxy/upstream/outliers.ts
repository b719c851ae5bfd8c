/**
 * Endpoints that fail too often in a row get no requests for a while (istio.md 5.4, envoy-facts: outliers). What is counted belongs
 * to the endpoint of one cluster and survives a new table.
 */

import type { OutlierPolicy } from '../../mesh/table/route-table.ts';

export class OutlierCounts {
  errors = 0;
  gatewayErrors = 0;
  ejections = 0;
  ejectedUntilMs = 0;
}

type Counted = { readonly outliers: OutlierCounts };

/** However often an endpoint was ejected, it comes back after this time, or the base time when that is longer. */
const EJECTION_MOST_MS = 300_000;

/** The endpoints that may be sent requests at `nowMs`. */
export function healthyEndpoints<E extends Counted>(
  endpoints: readonly E[],
  policy: OutlierPolicy | undefined,
  nowMs: number,
): readonly E[] {
  if (policy === undefined || !endpoints.some((endpoint) => isOut(endpoint, nowMs))) return endpoints;
  const healthy = endpoints.filter((endpoint) => !isOut(endpoint, nowMs));
  const tooFew = (healthy.length / endpoints.length) * 100 < policy.healthyPercentLeast;
  return tooFew ? endpoints : healthy;
}

/**
 * Takes note of an answer, or of one that never came.
 *
 * @param status of the answer; 0 when there was none
 */
export function noteAnswer<E extends Counted>(
  endpoint: E,
  status: number,
  { all, policy, nowMs }: { all: readonly E[]; policy: OutlierPolicy; nowMs: number },
): void {
  const counts = endpoint.outliers;
  const isError = status === 0 || status >= 500;
  const isGatewayError = status === 0 || (status >= 502 && status <= 504);
  counts.errors = isError ? counts.errors + 1 : 0;
  counts.gatewayErrors = isGatewayError ? counts.gatewayErrors + 1 : 0;
  const reached = (count: number, limit: number) => limit > 0 && count >= limit;
  const isTooMuch =
    reached(counts.errors, policy.consecutive5xx) || reached(counts.gatewayErrors, policy.consecutiveGateway);
  if (!isTooMuch || isOut(endpoint, nowMs) || !mayEject(all, policy, nowMs)) return;
  counts.ejections++;
  counts.errors = counts.gatewayErrors = 0;
  const lengthMs = Math.min(
    policy.baseEjectionMs * counts.ejections,
    Math.max(EJECTION_MOST_MS, policy.baseEjectionMs),
  );
  counts.ejectedUntilMs = nowMs + lengthMs;
}

// The share that would then be out is what counts.
function mayEject(all: readonly Counted[], policy: OutlierPolicy, nowMs: number): boolean {
  const out = all.filter((endpoint) => isOut(endpoint, nowMs)).length;
  return ((out + 1) / all.length) * 100 <= policy.ejectedPercentMost;
}

function isOut({ outliers }: Counted, nowMs: number): boolean {
  return outliers.ejectedUntilMs > nowMs;
}
