/** Istio's validation of what is done to headers (istio.md 11), and what a proxy could not do. */

import type { Issue } from '../../lib/issue.ts';
import { parseHeaderTemplate } from '../table/header-template.ts';
import type { HeadersSpec, HttpRouteSpec } from './http-route.ts';

/** Of a rule and of each of its destinations. @param path where the rule stands: `spec.http[0]` */
export function validateHeaderOperations(rule: HttpRouteSpec, path: string): Issue[] {
  return [
    ...validateHeaders(rule.headers, `${path}.headers`),
    ...(rule.route ?? []).flatMap(({ headers }, index) => validateHeaders(headers, `${path}.route[${index}].headers`)),
    ...validateAuthority(rule, path),
  ];
}

function validateHeaders(headers: HeadersSpec | undefined, path: string): Issue[] {
  return (['request', 'response'] as const).flatMap((side) => {
    const { set = {}, add = {}, remove = [] } = headers?.[side] ?? {};
    const names = [...Object.keys(set), ...Object.keys(add)].filter((name) => !isSettable(name, side));
    const values = [...Object.values(set), ...Object.values(add)].filter((value) => !isFieldValue(value));
    return [
      ...[...names, ...remove.filter((name) => !isPlainName(name))].map((name) => ({
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

/** Host is part of where a request goes; an answer has none. */
function isPlainName(name: string): boolean {
  return HEADER_NAME.test(name) && !isAuthority(name);
}

function isSettable(name: string, side: 'request' | 'response'): boolean {
  return isPlainName(name) || (side === 'request' && isAuthority(name));
}

function isAuthority(name: string): boolean {
  return /^(:authority|host)$/i.test(name);
}

// What cannot stand in a head would make a proxy refuse the whole table.
function isFieldValue(value: string): boolean {
  return !/[\x00-\x08\x0a-\x1f\x7f]/.test(value) && parseHeaderTemplate(value) !== undefined;
}

function validateAuthority({ rewrite, headers }: HttpRouteSpec, path: string): Issue[] {
  const { set = {}, add = {} } = headers?.request ?? {};
  const written = [...Object.keys(set), ...Object.keys(add)].filter(isAuthority).length;
  if (written + Number((rewrite?.authority ?? '') !== '') < 2) return [];
  const place = rewrite?.authority ? 'rewrite.authority' : 'headers.request';
  return [{ path: `${path}.${place}`, message: 'must be the one place that sets Host: got several' }];
}
