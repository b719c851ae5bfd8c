/**
 * Endpoints that fail too often in a row get no requests for a while (istio.md 5.4, envoy-facts: outliers). A worker counts and acts
 * at once; for how long, and what all workers together may do, is the parent's to say (parent/ejector.ts). What is counted
 * belongs to the endpoint of one cluster and survives a new table.
 */

import type { OutlierPolicy } from '../../mesh/table/route-table.ts';

export class OutlierCounts {
  errors = 0;
  gatewayErrors = 0;
  /** Of the way to the endpoint, where they are told apart from what it answered. */
  localFailures = 0;
  isOut = false;
}

type Counted = { readonly outliers: OutlierCounts };

/** What became of one try: the status of its answer, or none at all, or none in time. */
export type TryResult = number | 'lost' | 'late';

/** What a caller is told, and what counts. */
const STATUS_WITHOUT_ANSWER = { lost: 503, late: 504 };

/** @returns whether one of the numbers was reached, after which it begins again */
export function countResult(counts: OutlierCounts, result: TryResult, policy: OutlierPolicy): boolean {
  const local = typeof result !== 'number';
  const status = local ? STATUS_WITHOUT_ANSWER[result] : result;
  const { consecutiveLocal, consecutive5xx, consecutiveGateway, errorCodes } = policy;
  if (consecutiveLocal !== undefined) {
    counts.localFailures = local ? counts.localFailures + 1 : 0;
    if (local) return reached(counts, 'localFailures', consecutiveLocal);
  }
  const isError = local || (errorCodes === undefined ? status >= 500 : errorCodes.includes(status));
  const isGatewayError = isError && status >= 502 && status <= 504;
  counts.errors = isError ? counts.errors + 1 : 0;
  counts.gatewayErrors = isGatewayError ? counts.gatewayErrors + 1 : 0;
  const tooMany = reached(counts, 'errors', consecutive5xx);
  return reached(counts, 'gatewayErrors', consecutiveGateway) || tooMany;
}

function reached(counts: OutlierCounts, name: 'errors' | 'gatewayErrors' | 'localFailures', most: number): boolean {
  if (most === 0 || counts[name] < most) return false;
  counts[name] = 0;
  return true;
}

/** Whether one more endpoint may be out: the share that would then be out is what counts. */
export function mayEject({ out, all }: { out: number; all: number }, { ejectedPercentMost }: OutlierPolicy): boolean {
  return ((out + 1) / all) * 100 <= ejectedPercentMost;
}

/** The endpoints that may be sent requests: all of them when too few would be left. */
export function healthyEndpoints<E extends Counted>(
  endpoints: readonly E[],
  policy: OutlierPolicy | undefined,
): readonly E[] {
  if (policy === undefined) return endpoints;
  const healthy = endpoints.filter(({ outliers }) => !outliers.isOut);
  if (healthy.length === endpoints.length) return endpoints;
  return (healthy.length / endpoints.length) * 100 < policy.healthyPercentLeast ? endpoints : healthy;
}

/** Takes an endpoint out until the parent says otherwise. @returns whether it did: not when too many would be out */
export function eject<E extends Counted>(endpoint: E, all: readonly E[], policy: OutlierPolicy): boolean {
  const out = all.filter(({ outliers }) => outliers.isOut).length;
  if (endpoint.outliers.isOut || !mayEject({ out, all: all.length }, policy)) return false;
  endpoint.outliers.isOut = true;
  return true;
}

/** What the parent says: these are out and no others. Who comes back begins with nothing counted. */
export function setEjected(
  endpoints: readonly (Counted & { readonly address: string })[],
  out: ReadonlySet<string>,
): void {
  for (const { address, outliers } of endpoints) {
    const isOut = out.has(address);
    if (outliers.isOut && !isOut) outliers.errors = outliers.gatewayErrors = outliers.localFailures = 0;
    outliers.isOut = isOut;
  }
}
