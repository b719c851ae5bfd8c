/** From Istio's match entry to the table's: conditions on the request stay, conditions on the caller are decided here. */

import type { HttpMatchSpec } from '../schema/http-match.ts';
import { type StringMatchSpec, toStringMatch } from '../schema/string-match.ts';
import { isTokenClaim } from '../schema/token-claim.ts';
import type { RouteMatch, StringMatch } from '../table/route-table.ts';
import { gatewayKey } from './gateway-reference.ts';
import type { Caller } from './mesh-input.ts';
import type { Report } from './table-issue.ts';

/** Whether the entry can apply to requests of the caller that come on `port`. */
export function appliesHere(match: HttpMatchSpec, site: MatchSite): boolean {
  const { port, path, report, caller, gateway, namespace: ownNamespace } = site;
  if (match.port !== undefined && match.port !== 0 && match.port !== port) return false;
  if (Object.keys({ ...match.headers, ...match.withoutHeaders }).some(isTokenClaim)) {
    report(
      'SL0302',
      path,
      'must not depend on a token, which the bundled proxy does not check: no request has the claim',
    );
  }
  // An entry that names where it applies is not asked about the caller.
  if (match.gateways !== undefined && match.gateways.length > 0) {
    return match.gateways.some((written) => gatewayKey(written, { namespace: ownNamespace }) === gateway);
  }
  const labels = Object.entries(match.sourceLabels ?? {});
  const namespace = match.sourceNamespace ?? '';
  if (labels.length === 0 && namespace === '') return true;
  if (caller.namespace === undefined) {
    report(
      'SL0302',
      path,
      'must not depend on the caller, whom the bundled proxy does not know: the entry is left out',
    );
    return false;
  }
  if (namespace !== '' && namespace !== caller.namespace) return false;
  return labels.every(([name, value]) => caller.labels?.[name] === value);
}

export type MatchSite = {
  port: number;
  path: string;
  report: Report;
  caller: Caller;
  /** Where the requests come in: `mesh`, or `namespace/name` of a Gateway. */
  gateway: string;
  /** Of the VirtualService. */
  namespace: string;
};

/** `undefined` when the entry has no condition on the request, and so always holds. */
export function compileMatch(match: HttpMatchSpec): RouteMatch | undefined {
  const compiled: RouteMatch = {
    ...(match.uri && { uri: toStringMatch(match.uri) }),
    ...(match.uri && match.ignoreUriCase && { ignoreUriCase: true }),
    ...(match.method && { method: toStringMatch(match.method) }),
    ...(match.authority && { authority: toStringMatch(match.authority) }),
    ...(match.scheme && { scheme: toStringMatch(match.scheme) }),
    ...named('headers', match.headers, lowerCase),
    ...named('withoutHeaders', match.withoutHeaders, lowerCase),
    ...named('queryParams', match.queryParams, asWritten),
  };
  return isCatchAll(compiled) ? undefined : compiled;
}

// A prefix `/` is kept out of the catch-alls of the table: `OPTIONS *` does not match it.
function isCatchAll(match: RouteMatch): boolean {
  return Object.keys(match).length === 0;
}

/** Whether later rules can still be reached (istio.md 3.1): nothing but a uri that every path has. */
export function hidesLaterRules(match: RouteMatch | undefined): boolean {
  if (match === undefined) return true;
  const { uri } = match;
  if (uri === undefined || Object.keys(match).some((key) => key !== 'uri' && key !== 'ignoreUriCase')) return false;
  if (uri.kind === 'prefix') return uri.value === '/' || uri.value === '';
  return uri.kind === 'regex' && uri.value === '.*';
}

function named<Key extends 'headers' | 'withoutHeaders' | 'queryParams'>(
  key: Key,
  conditions: Record<string, StringMatchSpec> | undefined,
  nameOf: (name: string) => string,
): Partial<Record<Key, Record<string, StringMatch>>> {
  const entries = Object.entries(conditions ?? {}).map(([name, match]) => [nameOf(name), toStringMatch(match)]);
  return entries.length === 0
    ? {}
    : ({ [key]: Object.fromEntries(entries) } as Partial<Record<Key, Record<string, StringMatch>>>);
}

const lowerCase = (name: string) => name.toLowerCase();
const asWritten = (name: string) => name;
