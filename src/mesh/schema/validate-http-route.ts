/** Istio's validation of one http rule, beyond its shape (istio.md 11, envoy-facts). */

import type { Issue } from '../../lib/issue.ts';
import { parseHeaderTemplate } from '../table/header-template.ts';
import { durationMsOf } from './duration.ts';
import { validateHttpMatch } from './http-match.ts';
import type { HeadersSpec, HttpRouteSpec } from './http-route.ts';
import { validateRegex } from './string-match.ts';
import { validateRedirect } from './validate-redirect.ts';

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
    ...validateCorsMethods(rule, path),
    ...validateCorsMaxAge(rule, path),
    ...validateRewriteText(rule, path),
    ...validateAuthority(rule, path),
    ...validateHeaders(rule.headers, `${path}.headers`),
    ...(rule.route ?? []).flatMap(({ headers }, index) => validateHeaders(headers, `${path}.route[${index}].headers`)),
    ...(rule.mirror && rule.mirrors ? [{ path, message: 'must have only one of mirror and mirrors: got both' }] : []),
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

function validateWeights({ route = [] }: HttpRouteSpec, path: string): Issue[] {
  if (route.length < 2 || route.some(({ weight = 0 }) => weight > 0)) return [];
  return [{ path: `${path}.route`, message: 'must have weights with a sum above 0: got 0' }];
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
  return validateRegex(uriRegexRewrite.match ?? '', `${path}.rewrite.uriRegexRewrite.match`);
}

function validateFault({ fault }: HttpRouteSpec, path: string): Issue[] {
  if (fault === undefined) return [];
  if (fault.delay === undefined && fault.abort === undefined) {
    return [{ path: `${path}.fault`, message: 'must have delay or abort: got neither' }];
  }
  return [];
}

const RETRY_CONDITIONS = new Set(
  (
    '5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream retriable-status-codes ' +
    'retriable-headers envoy-ratelimited http3-post-connect-failure cancelled deadline-exceeded internal ' +
    'resource-exhausted unavailable'
  ).split(' '),
);

function validateRetries({ retries }: HttpRouteSpec, path: string): Issue[] {
  if (retries === undefined) return [];
  const { attempts = 0, perTryTimeout, retryOn = '', backoff } = retries;
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn !== '' || backoff !== undefined)) {
    return [{ path: `${path}.retries.attempts`, message: 'must be above 0 when other fields are set: got 0' }];
  }
  return retryOn
    .split(',')
    .filter((condition) => condition !== '' && !RETRY_CONDITIONS.has(condition) && !isStatus(condition))
    .map((condition) => ({
      path: `${path}.retries.retryOn`,
      message: `must be conditions or status codes joined by commas, without blanks: got ${JSON.stringify(condition)}`,
    }));
}

function isStatus(condition: string): boolean {
  return /^[1-5]\d\d$/.test(condition);
}

function validateHeaders(headers: HeadersSpec | undefined, path: string): Issue[] {
  return (['request', 'response'] as const).flatMap((side) => {
    const { set = {}, add = {}, remove = [] } = headers?.[side] ?? {};
    const names = [...Object.keys(set), ...Object.keys(add)].filter((name) => !isSettable(name, side));
    const values = [...Object.values(set), ...Object.values(add)].filter((value) => !isFieldValue(value));
    return [
      ...[...names, ...remove.filter((name) => !HEADER_NAME.test(name) || /^host$/i.test(name))].map((name) => ({
        path: `${path}.${side}`,
        message: `must name headers that may be changed: got ${JSON.stringify(name)}`,
      })),
      ...values.map((value) => ({
        path: `${path}.${side}`,
        message: `must be printable, with % escaped as %% or around a known command: got ${JSON.stringify(value)}`,
      })),
    ];
  });
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function isSettable(name: string, side: 'request' | 'response'): boolean {
  return HEADER_NAME.test(name) || (side === 'request' && name.toLowerCase() === ':authority');
}

// What cannot stand in a head would make a proxy refuse the whole table.
function isFieldValue(value: string): boolean {
  return !/[\x00-\x08\x0a-\x1f\x7f]/.test(value) && parseHeaderTemplate(value) !== undefined;
}

const METHODS = ['*', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

function validateCorsMethods({ corsPolicy }: HttpRouteSpec, path: string): Issue[] {
  return (corsPolicy?.allowMethods ?? [])
    .filter((method) => !METHODS.includes(method))
    .map((method) => ({
      path: `${path}.corsPolicy.allowMethods`,
      message: `must be methods in upper case: got ${JSON.stringify(method)}`,
    }));
}

function validateCorsMaxAge({ corsPolicy }: HttpRouteSpec, path: string): Issue[] {
  const maxAge = corsPolicy?.maxAge;
  if (maxAge === undefined || durationMsOf(maxAge) % 1_000 === 0) return [];
  return [{ path: `${path}.corsPolicy.maxAge`, message: `must be whole seconds: got ${maxAge}` }];
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

function validateAuthority({ rewrite, headers }: HttpRouteSpec, path: string): Issue[] {
  const operations = { ...headers?.request?.add, ...headers?.request?.set };
  const sets = Object.keys(operations).some((name) => /^(:authority|host)$/i.test(name));
  if ((rewrite?.authority ?? '') === '' || !sets) return [];
  return [{ path: `${path}.rewrite.authority`, message: 'must not be set by headers as well: got both' }];
}
