/** Istio's validation of a CORS policy (istio.md 11). */

import type { Issue } from '../../lib/issue.ts';
import { durationMsOf } from './duration.ts';
import type { HttpRouteSpec } from './http-route.ts';
import { type StringMatchSpec, validateStringMatch } from './string-match.ts';

const METHODS = ['*', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** @param path where the rule stands: `spec.http[0]` */
export function validateCors({ corsPolicy }: HttpRouteSpec, path: string): Issue[] {
  if (corsPolicy === undefined) return [];
  const { allowOrigins = [], allowMethods = [], allowHeaders = [], exposeHeaders = [], maxAge } = corsPolicy;
  const issue = (field: string, message: string): Issue => ({ path: `${path}.corsPolicy.${field}`, message });
  return [
    ...allowOrigins.flatMap((origin, index) => validateOrigin(origin, `${path}.corsPolicy.allowOrigins[${index}]`)),
    ...allowMethods
      .filter((method) => !METHODS.includes(method))
      .map((method) => issue('allowMethods', `must be methods in upper case: got ${JSON.stringify(method)}`)),
    ...Object.entries({ allowHeaders, exposeHeaders }).flatMap(([field, names]) =>
      names
        .filter((name) => name !== '*' && !/^[-_A-Za-z0-9]+$/.test(name))
        .map((name) => issue(field, `must be names of headers, or *: got ${JSON.stringify(name)}`)),
    ),
    ...(maxAge === undefined || durationMsOf(maxAge) % 1_000 === 0
      ? []
      : [issue('maxAge', `must be whole seconds: got ${maxAge}`)]),
  ];
}

function validateOrigin(origin: StringMatchSpec, path: string): Issue[] {
  const { exact = '', prefix = '', regex = '' } = origin;
  if (`${exact}${prefix}${regex}` === '')
    return [{ path, message: 'must have one of exact, prefix and regex: got none' }];
  return validateStringMatch(origin, path, 'uri');
}
