/** Rewrites and redirects of a rule, which depend on the match entry that took the request (envoy-facts: Rewrite, Redirect). */

import type { HttpMatchSpec } from '../schema/http-match.ts';
import type { HttpRouteSpec } from '../schema/http-route.ts';
import type { PathRewrite, Redirect } from '../table/route-table.ts';

/** What happens to the path of requests that `match` took. */
export function compileRewrite(rewrite: HttpRouteSpec['rewrite'], match: HttpMatchSpec): PathRewrite | undefined {
  const { uri = '', uriRegexRewrite } = rewrite ?? {};
  if (uriRegexRewrite !== undefined) {
    return { kind: 'regex', pattern: uriRegexRewrite.match ?? '', to: wireText(uriRegexRewrite.rewrite ?? '') };
  }
  return uri === '' ? undefined : replaceMatched(uri, match);
}

// A matched prefix is cut off; whatever else took the request stands for the whole path, and no condition for the prefix `/`.
function replaceMatched(written: string, { uri }: HttpMatchSpec): PathRewrite {
  const to = wireText(written);
  if (uri === undefined) return { kind: 'prefix', prefix: '/', to };
  return uri.prefix === undefined ? { kind: 'whole', to } : { kind: 'prefix', prefix: uri.prefix, to };
}

// Heads are bytes: one character of the table for each, so that none is cut to another one (`č` to a carriage return).
export function wireText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const USUAL_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** @param port on which the caller came */
export function compileRedirect(
  redirect: NonNullable<HttpRouteSpec['redirect']>,
  { match, port }: { match: HttpMatchSpec; port: number },
): Redirect {
  const { uri = '', prefixRewrite = '', authority = '', scheme = '', redirectCode = 0, derivePort } = redirect;
  const target = (redirect.port || undefined) ?? (derivePort === 'FROM_REQUEST_PORT' ? port : undefined);
  const path =
    uri === '' ? undefined : ({ kind: 'whole', to: wireText(uri.startsWith('/') ? uri : `/${uri}`) } as const);
  const rewritten = path ?? (prefixRewrite === '' ? undefined : replaceMatched(prefixRewrite, match));
  return {
    status: redirectCode === 0 ? 301 : redirectCode,
    ...(scheme !== '' && { scheme }),
    ...(authority !== '' && { authority: wireText(authority) }),
    // The usual port has no effect, not even on one in Host (envoy-facts: Redirect).
    ...(target !== undefined && target !== USUAL_PORTS[scheme === '' ? 'http' : scheme] && { port: target }),
    ...(rewritten && { path: rewritten }),
  };
}
