/** A route made ready to serve: everything that can be computed once per table stands here. */

import { buildCors, type Cors } from '../mesh/table/cors.ts';
import type { BuiltRoute } from '../mesh/table/match-route.ts';
import { type BlockPicker, createBlockPicker } from '../mesh/table/pick-cluster.ts';
import { buildRedirect, type RedirectedRequest } from '../mesh/table/redirect-location.ts';
import { buildPathRewriter, type PathRewriter } from '../mesh/table/rewrite-path.ts';
import type { Fault, HeaderOperations, RetryPolicy, Route, RouteAction } from '../mesh/table/route-table.ts';
import { buildHeaderEdits, type HeaderEdits } from './header-edits.ts';
import { buildRetriedAnswers, type RetriedAnswers } from './retry.ts';

/** What is done to the heads of a request and of its answer. */
export type RouteEdits = { request: HeaderEdits | undefined; response: HeaderEdits | undefined };

/** Of most routes: shared, since a table may have tens of thousands of them. */
const NO_EDITS: RouteEdits = { request: undefined, response: undefined };
const NO_CLUSTER_EDITS: ReadonlyMap<number, RouteEdits> = new Map();

/**
 * One object for all of it: in a large table each further one is another miss of the processor's cache. For the same reason what is
 * asked for every request is taken from the route.
 */
export type RouteState = BuiltRoute & {
  action: RouteAction;
  fault: Fault | undefined;
  retry: RetryPolicy | undefined;
  timeoutMs: number | undefined;
  /** Host as it goes upstream. */
  authority: string | undefined;
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
export function buildRouteState(
  { route, index, match, beyondPath }: BuiltRoute,
  picker: BlockPicker | undefined,
  random: () => number,
): RouteState {
  const { action, rewrite, cors, fault, retry, timeoutMs, authority } = route;
  return {
    route,
    index,
    match,
    beyondPath,
    action,
    fault,
    retry,
    timeoutMs,
    authority,
    picker: picker ?? pickerOf(route, random),
    edits: buildEdits(route, route),
    clusterEdits: buildClusterEdits(route),
    rewriter: rewrite && buildPathRewriter(rewrite),
    location: action.kind === 'redirect' ? buildRedirect(action) : undefined,
    cors: cors && buildCors(cors),
    retried: buildRetriedAnswers(retry),
    timeoutLine: timeoutLineOf(route),
  };
}

type Operations = { [Key in 'requestHeaders' | 'responseHeaders']?: HeaderOperations | undefined };

function buildEdits({ requestHeaders, responseHeaders }: Operations, route: Route): RouteEdits {
  const request = buildHeaderEdits(requestHeaders, replacedFields(route));
  const response = buildHeaderEdits(responseHeaders);
  return request === undefined && response === undefined ? NO_EDITS : { request, response };
}

function buildClusterEdits(route: Route): ReadonlyMap<number, RouteEdits> {
  const { action } = route;
  if (action.kind !== 'forward') return NO_CLUSTER_EDITS;
  const edits = new Map<number, RouteEdits>();
  for (const [index, own] of action.clusters.entries()) {
    if (own.requestHeaders === undefined && own.responseHeaders === undefined) continue;
    const { requestHeaders = route.requestHeaders, responseHeaders = route.responseHeaders } = own;
    edits.set(index, buildEdits({ requestHeaders, responseHeaders }, route));
  }
  return edits.size === 0 ? NO_CLUSTER_EDITS : edits;
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
  return Number.isFinite(tryMs) ? timeoutLineFor(Math.round(tryMs)) : undefined;
}

/** Few times are in use, by many routes each. */
const timeoutLines = new Map<number, Uint8Array>();
const TIMEOUT_LINES_MOST = 1_000;

function timeoutLineFor(tryMs: number): Uint8Array {
  const known = timeoutLines.get(tryMs);
  if (known !== undefined) return known;
  const line = Buffer.from(`x-envoy-expected-rq-timeout-ms: ${tryMs}\r\n`);
  if (timeoutLines.size === TIMEOUT_LINES_MOST) timeoutLines.clear();
  timeoutLines.set(tryMs, line);
  return line;
}

function pickerOf({ action }: Route, random: () => number): BlockPicker | undefined {
  if (action.kind !== 'forward' || action.clusters.length < 2) return undefined;
  return createBlockPicker(
    action.clusters.map(({ weight }) => weight),
    random,
  );
}
