/** Istio's validation of one http rule, beyond its shape (istio.md 11, envoy-facts). */

import type { Issue } from '../../lib/issue.ts';
import { validateHttpMatch } from './http-match.ts';
import type { HttpRouteSpec } from './http-route.ts';
import { validateRegex } from './string-match.ts';
import { validateCors } from './validate-cors.ts';
import { validateDestination } from './validate-destination.ts';
import { validateDirectResponse } from './validate-direct-response.ts';
import { validateFault } from './validate-fault.ts';
import { validateHeaderOperations } from './validate-header-operations.ts';
import { validateRedirect } from './validate-redirect.ts';
import { validateRetries } from './validate-retries.ts';

/** All issues of one rule; `path` is where it stands: `spec.http[0]`. */
export function validateHttpRoute(rule: HttpRouteSpec, path: string): Issue[] {
  return [
    ...(rule.match ?? []).flatMap((match, index) => validateHttpMatch(match, `${path}.match[${index}]`)),
    ...validateAction(rule, path),
    ...validateWeights(rule, path),
    ...validateRewrite(rule, path),
    ...validateRedirect(rule, path),
    ...validateFault(rule, path),
    ...validateRetries(rule, path),
    ...validateCors(rule, path),
    ...validateRewriteText(rule, path),
    ...validateHeaderOperations(rule, path),
    ...validateDestinations(rule, path),
    ...validateDirectResponse(rule, path),
  ];
}

function validateAction(rule: HttpRouteSpec, path: string): Issue[] {
  const actions = (['route', 'redirect', 'directResponse', 'delegate'] as const).filter(
    (key) => rule[key] !== undefined,
  );
  if (actions.length !== 1) {
    const found = actions.length === 0 ? 'none' : actions.join(', ');
    return [{ path, message: `must have exactly one of route, redirect, directResponse and delegate: got ${found}` }];
  }
  if (rule.route?.length === 0) return [{ path: `${path}.route`, message: 'must name a destination: got none' }];
  if (actions[0] !== 'redirect' && actions[0] !== 'directResponse') return [];
  return (['fault', 'rewrite'] as const)
    .filter((key) => rule[key] !== undefined)
    .map((key) => ({ path: `${path}.${key}`, message: `must not stand beside ${actions[0]}: got ${key}` }));
}

function validateDestinations({ route = [], mirror, mirrors }: HttpRouteSpec, path: string): Issue[] {
  return [
    ...route.flatMap(({ destination }, index) =>
      validateDestination(destination, `${path}.route[${index}].destination`),
    ),
    ...validateDestination(mirror, `${path}.mirror`),
    ...(mirrors ?? []).flatMap(({ destination }, index) =>
      validateDestination(destination, `${path}.mirrors[${index}].destination`),
    ),
    ...(mirror && mirrors ? [{ path, message: 'must have only one of mirror and mirrors: got both' }] : []),
  ];
}

/** Beyond 32 bits Istio accepts the sum, and Envoy then refuses all routes. */
const MAX_WEIGHTS = 4_294_967_295;

function validateWeights({ route = [] }: HttpRouteSpec, path: string): Issue[] {
  if (route.length < 2) return [];
  const sum = route.reduce((total, { weight = 0 }) => total + weight, 0);
  if (sum > 0 && sum <= MAX_WEIGHTS) return [];
  return [{ path: `${path}.route`, message: `must have weights with a sum from 1 to ${MAX_WEIGHTS}: got ${sum}` }];
}

function validateRewrite({ rewrite }: HttpRouteSpec, path: string): Issue[] {
  if (rewrite === undefined) return [];
  const { uri = '', uriRegexRewrite, authority = '' } = rewrite;
  if (uri === '' && uriRegexRewrite === undefined && authority === '') {
    return [{ path: `${path}.rewrite`, message: 'must have one of uri, uriRegexRewrite and authority: got none' }];
  }
  if (uriRegexRewrite === undefined) return [];
  if (uri !== '') {
    return [{ path: `${path}.rewrite`, message: 'must have only one of uri and uriRegexRewrite: got both' }];
  }
  const place = `${path}.rewrite.uriRegexRewrite`;
  return [
    ...validateRegex(uriRegexRewrite.match ?? '', `${place}.match`),
    ...((uriRegexRewrite.rewrite ?? '') === ''
      ? [{ path: `${place}.rewrite`, message: 'must not be empty: got ""' }]
      : []),
  ];
}

// Such a request line, or such a field, is one that every service refuses.
function validateRewriteText({ rewrite }: HttpRouteSpec, path: string): Issue[] {
  const texts = {
    uri: rewrite?.uri,
    authority: rewrite?.authority,
    'uriRegexRewrite.rewrite': rewrite?.uriRegexRewrite?.rewrite,
  };
  return Object.entries(texts)
    .filter(([, text]) => /[\x00-\x20\x7f]/.test(text ?? ''))
    .map(([key, text]) => ({
      path: `${path}.rewrite.${key}`,
      message: `must hold no blanks: got ${JSON.stringify(text)}`,
    }));
}
