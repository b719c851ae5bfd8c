/** The request target and Host: what is accepted, and the one form in which a path is matched and forwarded. */

import { HOST } from './byte-classes.ts';

/** Whether `host` may be a Host field or the authority of a target: name or IP literal, and a port up to 65535. */
export function isAuthority(host: string): boolean {
  if (host === '') return false;
  for (let at = 0; at < host.length; at++) if (HOST[host.charCodeAt(at)] !== 1) return false;
  const parts = /^(?:\[[0-9a-fA-F:.]+\]|[^[\]:]+)(?::(\d{0,5}))?$/.exec(host);
  return parts !== null && Number(parts[1] ?? 0) <= 65_535;
}

/** Whether there is anything that `normaliseTarget` would change or refuse. */
export function needsNormalising(target: string): boolean {
  return /[%#\\"<>^`{|}]|\/\./.test(target);
}

/**
 * The one form of a target that is matched and forwarded, as Envoy makes it (envoy-facts: URI matching): no fragment, backslashes
 * as slashes, escapes of unreserved characters decoded (RFC 3986 §6.2.2.2), what no path may hold escaped (§3.3), dot segments
 * removed (§5.2.4), those with a parameter (`..;a`), too, which some servers take for the same. Nothing else is decoded.
 *
 * @param target path with query, which begins with `/`
 * @returns the normal form, or `undefined` for what no honest client sends: an encoded NUL
 */
export function normaliseTarget(target: string): string | undefined {
  const [whole = ''] = target.split('#', 1);
  const queryAt = whole.indexOf('?');
  const written = queryAt === -1 ? whole : whole.slice(0, queryAt);
  const query = queryAt === -1 ? '' : whole.slice(queryAt);
  if (written.includes('%00')) return undefined;
  const path = written
    .replaceAll('\\', '/')
    .replace(/%([2-7][0-9a-f])/gi, decodeUnreserved)
    .replace(/["<>^`{|}]/g, percentEscape);
  return (path.includes('/.') ? withoutDotSegments(path) : path) + query;
}

function decodeUnreserved(escaped: string, hex: string): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return /[A-Za-z0-9._~-]/.test(character) ? character : escaped;
}

function percentEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function withoutDotSegments(path: string): string {
  const segments: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const name = part.startsWith('.') ? part.split(';', 1)[0] : part;
    if (name === '..') segments.pop();
    if (name !== '..' && name !== '.') segments.push(part);
    else if (last) segments.push('');
  }
  return `/${segments.join('/')}`;
}
