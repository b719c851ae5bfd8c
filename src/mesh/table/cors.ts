/** Cross-origin requests (envoy-facts: CORS): which preflights the proxy answers, and what allowed origins get to see. */

import type { RequestHead } from './match-route.ts';
import type { CorsPolicy } from './route-table.ts';
import { buildStringMatcher } from './string-matcher.ts';

export type CorsHeaders = readonly (readonly [name: string, value: string])[];

export type Cors = {
  /** The headers of the answer to a preflight; `undefined`: the request is none of ours to answer. */
  preflight(head: RequestHead): CorsHeaders | undefined;
  /** The headers that an allowed origin gets beside the answer; they replace the service's own. */
  response(head: RequestHead): CorsHeaders | undefined;
};

/** Fields of a service that are dropped when the proxy speaks for it. */
export const CORS_RESPONSE_FIELDS: readonly string[] = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
];

/** Makes a policy ready once per table. @throws when a regular expression is bad */
export function buildCors(policy: CorsPolicy): Cors {
  const origins = policy.origins.map((match) => ({ match, matches: buildStringMatcher(match) }));
  const allowed = (head: RequestHead): string | undefined => {
    const origin = head.header('origin');
    // Two origins are no origin, and neither is an empty one.
    if (origin === undefined || origin === '' || (head.headerValues?.('origin').length ?? 1) > 1) return undefined;
    const isAllowed = origins.some(
      ({ match, matches }) => (match.kind === 'exact' && match.value === '*') || matches(origin),
    );
    return isAllowed ? origin : undefined;
  };

  return {
    preflight(head) {
      if (head.method !== 'OPTIONS' || (head.header('origin') ?? '') === '') return undefined;
      if ((head.header('access-control-request-method') ?? '') === '') return undefined;
      const origin = allowed(head);
      return origin === undefined && policy.answersUnmatched !== true
        ? undefined
        : preflightHeaders(policy, head, origin);
    },
    response(head) {
      const origin = allowed(head);
      if (origin === undefined) return undefined;
      const headers: [string, string][] = [['access-control-allow-origin', origin]];
      if (policy.allowCredentials === true) headers.push(['access-control-allow-credentials', 'true']);
      if (policy.exposeHeaders !== undefined) headers.push(['access-control-expose-headers', policy.exposeHeaders]);
      return headers;
    },
  };
}

/** @param origin absent: it is none that is allowed, and is told the rest only */
function preflightHeaders(policy: CorsPolicy, head: RequestHead, origin: string | undefined): CorsHeaders {
  const requested = (name: string) => head.header(`access-control-request-${name}`) ?? '';
  const headers: [string, string | undefined][] = [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', policy.allowCredentials === true ? 'true' : undefined],
    ['access-control-allow-methods', starOr(policy.allowMethods, requested('method'))],
    ['access-control-allow-headers', starOr(policy.allowHeaders, requested('headers'))],
    ['access-control-max-age', policy.maxAgeSeconds?.toString()],
    ['access-control-expose-headers', origin === undefined ? undefined : policy.exposeHeaders],
  ];
  return headers.filter((header): header is [string, string] => header[1] !== undefined);
}

/** `*` allows what was asked for. */
function starOr(list: string | undefined, requested: string): string | undefined {
  return list === '*' ? requested : list;
}
