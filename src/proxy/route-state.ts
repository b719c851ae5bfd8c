/** A route made ready to serve: everything that can be computed once per table stands here. */

import { buildCors, type Cors } from '../mesh/table/cors.ts';
import { type BlockPicker, createBlockPicker } from '../mesh/table/pick-cluster.ts';
import { buildRedirect, type RedirectedRequest } from '../mesh/table/redirect-location.ts';
import { buildPathRewriter, type PathRewriter } from '../mesh/table/rewrite-path.ts';
import type { Route } from '../mesh/table/route-table.ts';
import { buildHeaderEdits, type HeaderEdits } from './header-edits.ts';
import { buildRetriedAnswers, type RetriedAnswers } from './retry.ts';

/** What is done to the heads of a request and of its answer. */
export type RouteEdits = { request: HeaderEdits | undefined; response: HeaderEdits | undefined };

export type RouteState = {
  route: Route;
  picker: BlockPicker | undefined;
  edits: RouteEdits;
  /** For each destination that has operations of its own, by its place among the destinations. */
  clusterEdits: ReadonlyMap<number, RouteEdits>;
  rewriter: PathRewriter | undefined;
  /** From a request to where it is sent instead. */
  location: ((request: RedirectedRequest) => string) | undefined;
  cors: Cors | undefined;
  retried: RetriedAnswers | undefined;
  /** What a service is told about the time that it has for one try. */
  timeoutLine: Uint8Array | undefined;
};

/**
 * @param picker of the same split in the table before, which goes on where it was
 * @throws when a regular expression or a header could not be served
 */
export function buildRouteState(route: Route, picker: BlockPicker | undefined, random: () => number): RouteState {
  const { action, rewrite, cors } = route;
  const replaced = replacedFields(route);
  const clusterEdits = new Map<number, RouteEdits>();
  for (const [index, destination] of (action.kind === 'forward' ? action.clusters : []).entries()) {
    const { requestHeaders = route.requestHeaders, responseHeaders = route.responseHeaders } = destination;
    if (requestHeaders === route.requestHeaders && responseHeaders === route.responseHeaders) continue;
    clusterEdits.set(index, {
      request: buildHeaderEdits(requestHeaders, replaced),
      response: buildHeaderEdits(responseHeaders),
    });
  }
  return {
    route,
    picker: picker ?? pickerOf(route, random),
    edits: {
      request: buildHeaderEdits(route.requestHeaders, replaced),
      response: buildHeaderEdits(route.responseHeaders),
    },
    clusterEdits,
    rewriter: rewrite && buildPathRewriter(rewrite),
    location: action.kind === 'redirect' ? buildRedirect(action) : undefined,
    cors: cors && buildCors(cors),
    retried: buildRetriedAnswers(route.retry),
    timeoutLine: timeoutLineOf(route),
  };
}

// Fields in which we say what a request looked like before; a caller's own would be believed.
function replacedFields({ rewrite, authority }: Route): string[] {
  return [
    ...(rewrite === undefined ? [] : ['x-envoy-original-path']),
    ...(authority === undefined ? [] : ['x-envoy-original-host']),
  ];
}

function timeoutLineOf({ timeoutMs, retry }: Route): Uint8Array | undefined {
  const tryMs = Math.min(retry?.perTryTimeoutMs ?? Number.POSITIVE_INFINITY, timeoutMs ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(tryMs) ? Buffer.from(`x-envoy-expected-rq-timeout-ms: ${Math.round(tryMs)}\r\n`) : undefined;
}

function pickerOf({ action }: Route, random: () => number): BlockPicker | undefined {
  if (action.kind !== 'forward' || action.clusters.length < 2) return undefined;
  return createBlockPicker(
    action.clusters.map(({ weight }) => weight),
    random,
  );
}
