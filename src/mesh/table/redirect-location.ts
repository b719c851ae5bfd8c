/** Where a redirect points (envoy-facts: Redirect). */

import { buildPathRewriter, type PathRewriter } from './rewrite-path.ts';
import type { Redirect } from './route-table.ts';

export type RedirectedRequest = { scheme: string; authority: string; path: string };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Makes a redirect ready once per table: from a request to the value of Location. @throws when its regular expression is bad */
export function buildRedirect(redirect: Redirect): (request: RedirectedRequest) => string {
  const rewriter = redirect.path && withOwnQuery(redirect.path.to, buildPathRewriter(redirect.path));
  return (request) => {
    const scheme = redirect.scheme ?? request.scheme;
    const path = rewriter?.(request.path) ?? request.path;
    return `${scheme}://${authorityOf(redirect, request, scheme)}${path}`;
  };
}

function authorityOf(
  { authority, port, scheme: chosen, keepsPort = false }: Redirect,
  request: RedirectedRequest,
  scheme: string,
): string {
  if (keepsPort) return request.authority;
  const { host, port: received } = splitAuthority(request.authority);
  if (authority !== undefined) return port === undefined ? authority : `${splitAuthority(authority).host}:${port}`;
  if (port !== undefined) return `${host}:${port}`;
  const isUsual =
    chosen !== undefined && received === String(DEFAULT_PORTS[request.scheme]) && scheme !== request.scheme;
  return isUsual ? host : request.authority;
}

function splitAuthority(authority: string): { host: string; port: string | undefined } {
  const [, host = authority, port] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  return { host, port };
}

/** A query of the configured path replaces the caller's. */
function withOwnQuery(to: string, rewriter: PathRewriter): PathRewriter {
  if (!to.includes('?')) return rewriter;
  return (target) => rewriter(target.split('?')[0] as string);
}
