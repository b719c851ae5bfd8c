/** Conditions on a claim of a token that was checked before, as Istio writes them in place of a header: `@request.auth.claims.sub`. */

import type { Issue } from '../../lib/issue.ts';
import type { HttpRouteSpec } from './http-route.ts';

/** Nested claims are written with dots, or in brackets where a name has dots of its own. */
export function isTokenClaim(header: string): boolean {
  return /^@request\.auth\.claims(\.[^.].*|\[.+\])$/i.test(header);
}

/** Tokens are checked at gateways; in the mesh nobody could have. @param path where the rule stands */
export function validateClaims({ match = [] }: HttpRouteSpec, path: string): Issue[] {
  return match.flatMap(({ headers, withoutHeaders }, index) =>
    Object.keys({ ...headers, ...withoutHeaders })
      .filter(isTokenClaim)
      .map((name) => ({ path: `${path}.match[${index}]`, message: `must be for gateways alone: got ${name}` })),
  );
}
