/**
 * Which route of a virtual host takes a request. Pure, and shared by the proxy and by `sluice explain`, so that the two
 * cannot differ. Runs once per request: it allocates nothing but the lower-cased or cut strings that a condition needs.
 */

import { perObject } from '../../lib/per-object.ts';
import type { Route, RouteMatch, StringMatch } from './route-table.ts';
import { buildStringMatcher, type StringMatcher } from './string-matcher.ts';

/** The head of a request, read through accessors, so that a parser over bytes needs to build no map. */
export type RequestHead = {
  /** Case-sensitive. */
  method: string;
  /** Normalised path with query, as it goes upstream: `/a?b=c`. */
  path: string;
  /** Host as received, with its port if there is one. */
  authority: string;
  scheme: string;
  /** First value of a header by its lower-case name, without blanks around it; `undefined` when absent. */
  header(name: string): string | undefined;
  /** All values of a header that may occur several times; absent: no header of this request is repeated. */
  headerValues?(name: string): readonly string[];
};

export type NamedMatcher = { name: string; matches: StringMatcher };

/** A route whose match is compiled. Objects are made once per table, so the proxy may key state by identity. */
export type BuiltRoute = {
  route: Route;
  /** Position in the virtual host. */
  index: number;
  match: BuiltMatch | undefined;
  /** What is left of the conditions for whoever has looked at the path; absent: nothing. */
  beyondPath: BuiltMatch | undefined;
};

export type BuiltMatch = {
  uri: StringMatcher | undefined;
  method: StringMatcher | undefined;
  authority: StringMatcher | undefined;
  scheme: StringMatcher | undefined;
  headers: readonly NamedMatcher[];
  withoutHeaders: readonly (NamedMatcher & { presence: boolean })[];
  queryParams: readonly NamedMatcher[];
};

/** Compiles a route. @throws when a regular expression is not valid RE2 */
export function buildRoute(route: Route, index: number): BuiltRoute {
  const { match } = route;
  if (match === undefined) return { route, index, match: undefined, beyondPath: undefined };
  if (match.uri === undefined) {
    const built = buildShared(match);
    return { route, index, match: built, beyondPath: built };
  }
  const { uri: _, ignoreUriCase: __, ...others } = match;
  const beyondPath = Object.keys(others).length === 0 ? undefined : buildMatch(others);
  return { route, index, match: buildMatch(match), beyondPath };
}

// Many routes of a table may share one match; what they have in common stays near at hand.
const buildShared = perObject((match: RouteMatch) => buildMatch(match));

/** Whether every condition of one match entry holds. */
export function matchHolds(match: BuiltMatch, head: RequestHead): boolean {
  if (match.uri !== undefined && !match.uri(pathOf(head.path))) return false;
  if (match.method !== undefined && !match.method(head.method)) return false;
  if (match.authority !== undefined && !match.authority(head.authority)) return false;
  if (match.scheme !== undefined && !match.scheme(head.scheme)) return false;
  for (const condition of match.headers) if (!headerMatches(condition, head)) return false;
  for (const condition of match.withoutHeaders) if (!headerIsWithout(condition, head)) return false;
  for (const { name, matches } of match.queryParams) {
    const value = queryParameter(head.path, name);
    if (value === undefined || !matches(value)) return false;
  }
  return true;
}

/** The path without its query. */
export function pathOf(target: string): string {
  const queryAt = target.indexOf('?');
  return queryAt === -1 ? target : target.slice(0, queryAt);
}

/** First value of a query parameter in raw form (nothing is decoded); `?debug` and `?debug=` are both the empty string. */
export function queryParameter(target: string, name: string): string | undefined {
  const queryAt = target.indexOf('?');
  if (queryAt === -1) return undefined;
  for (let start = queryAt + 1; start <= target.length; ) {
    const ampersandAt = target.indexOf('&', start);
    const end = ampersandAt === -1 ? target.length : ampersandAt;
    if (target.startsWith(name, start)) {
      const nameEnd = start + name.length;
      if (nameEnd === end) return '';
      if (nameEnd < end && target.charCodeAt(nameEnd) === EQUALS) return target.slice(nameEnd + 1, end);
    }
    start = end + 1;
  }
  return undefined;
}

const EQUALS = '='.charCodeAt(0);

function buildMatch(match: RouteMatch): BuiltMatch {
  const optional = (condition: StringMatch | undefined) => condition && buildStringMatcher(condition);
  return {
    uri: match.uri && buildStringMatcher(match.uri, { ignoreCase: match.ignoreUriCase === true }),
    method: optional(match.method),
    authority: optional(match.authority),
    scheme: optional(match.scheme),
    headers: named(match.headers),
    withoutHeaders: unnamed(match.withoutHeaders),
    queryParams: named(match.queryParams),
  };
}

/** Of most routes: shared, since a table may have tens of thousands of them. */
const NONE: readonly never[] = [];

function unnamed(conditions: Readonly<Record<string, StringMatch>> | undefined): BuiltMatch['withoutHeaders'] {
  if (conditions === undefined) return NONE;
  return Object.entries(conditions).map(([name, condition]) => ({
    name,
    matches: buildStringMatcher(condition),
    presence: condition.kind === 'present',
  }));
}

function named(conditions: Readonly<Record<string, StringMatch>> | undefined): readonly NamedMatcher[] {
  if (conditions === undefined) return NONE;
  return Object.entries(conditions).map(([name, condition]) => ({
    name,
    matches: buildStringMatcher(condition),
  }));
}

// Of repeated headers one that matches is enough (observed with Envoy 1.40, `hdr-prefix`).
function headerMatches({ name, matches }: NamedMatcher, head: RequestHead): boolean {
  const value = headerOf(head, name);
  if (value === undefined) return false;
  return matches(value) || head.headerValues?.(name).some(matches) === true;
}

function headerIsWithout(condition: NamedMatcher & { presence: boolean }, head: RequestHead): boolean {
  const value = headerOf(head, condition.name);
  if (value === undefined) return condition.presence || !condition.matches('');
  return !headerMatches(condition, head);
}

/** A header, or one of the pseudo headers that Istio allows as keys; `host` means `:authority`. */
function headerOf(head: RequestHead, name: string): string | undefined {
  if (name.charCodeAt(0) !== COLON) return name === 'host' ? head.authority : head.header(name);
  switch (name) {
    case ':authority':
      return head.authority;
    case ':method':
      return head.method;
    case ':path':
      return head.path;
    case ':scheme':
      return head.scheme;
    default:
      return undefined;
  }
}

const COLON = ':'.charCodeAt(0);
