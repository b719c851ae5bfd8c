/** What is valid in an http rule, and yet seldom what its author meant (istio.md 1.1 §11.2, 1.5). */

import type { Issue } from '../../lib/issue.ts';
import type { HttpRouteSpec } from './http-route.ts';
import { warnDirectResponse } from './validate-direct-response.ts';
import { warnFault } from './validate-fault.ts';

/** @param path where the rule stands: `spec.http[0]` */
export function warnHttpRoute(rule: HttpRouteSpec, path: string): Issue[] {
  return [
    ...warnSwallowedSlash(rule, path),
    ...warnUnrepeatedTry(rule, path),
    ...warnFault(rule, path),
    ...warnDirectResponse(rule, path),
    ...warnFraming(rule, path),
  ];
}

function warnSwallowedSlash({ match = [], rewrite }: HttpRouteSpec, path: string): Issue[] {
  const to = rewrite?.uri ?? '';
  const matchesAnyPath = match.length === 0 || match.some(({ uri }) => uri === undefined);
  if (to === '' || to.endsWith('/') || !matchesAnyPath) return [];
  const message = `must end with a slash where no path is matched: got ${to}, which makes ${to}orders of /orders`;
  return [{ path: `${path}.rewrite.uri`, message }];
}

/** Conditions under which a try that took too long is repeated (envoy-facts: Timeouts). */
const COVERING_TIMEOUT = ['5xx', 'gateway-error', 'reset'];

function warnUnrepeatedTry({ retries }: HttpRouteSpec, path: string): Issue[] {
  const { attempts = 0, perTryTimeout, retryOn = '' } = retries ?? {};
  const isCovered = retryOn.split(',').some((condition) => COVERING_TIMEOUT.includes(condition));
  if (attempts === 0 || perTryTimeout === undefined || isCovered) return [];
  const wanted = `must have ${COVERING_TIMEOUT.join(' or ')} for a try that took ${perTryTimeout} to be repeated`;
  return [{ path: `${path}.retries.retryOn`, message: `${wanted}: got ${JSON.stringify(retryOn)}` }];
}

/** Fields that say how a message is framed, which no rule changes (RFC 9112 §6.3; docs/decisions/envoy-differences.md). */
const FRAMING = /^(?:content-length|transfer-encoding)$/i;

function warnFraming({ headers, route = [] }: HttpRouteSpec, path: string): Issue[] {
  const places = [
    { at: `${path}.headers`, operations: headers },
    ...route.map(({ headers: own }, index) => ({ at: `${path}.route[${index}].headers`, operations: own })),
  ];
  return places.flatMap(({ at, operations }) =>
    (['request', 'response'] as const).flatMap((way) =>
      (['set', 'add'] as const).flatMap((verb) =>
        Object.keys(operations?.[way]?.[verb] ?? {})
          .filter((name) => FRAMING.test(name))
          .map((name) => ({
            path: `${at}.${way}.${verb}`,
            message: `must not name how a message is framed: ${name} is left out`,
          })),
      ),
    ),
  );
}
