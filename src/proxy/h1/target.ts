/** The request target and Host: what is accepted, and the one form in which a path is matched and forwarded. */

import { HOST } from './byte-classes.ts';

/** Whether `host` may be a Host field or the authority of a target: name or IP literal, and a port up to 65535. */
export function isAuthority(host: string): boolean {
  if (host === '') return false;
  for (let at = 0; at < host.length; at++) if (HOST[host.charCodeAt(at)] !== 1) return false;
  const parts = /^(?:\[[0-9a-fA-F:.]+\]|[^[\]:]+)(?::(\d{0,5}))?$/.exec(host);
  return parts !== null && Number(parts[1] ?? 0) <= 65_535;
}

/**
 * Removes dot segments, also when the dots are percent-encoded (RFC 3986 §5.2.4, §6.2.2.2), so that the path that matched is
 * the path that is forwarded. Nothing else is decoded.
 *
 * @param target path with query, which begins with `/`
 * @returns the normal form, or `undefined` for what no honest client sends: an encoded NUL or an overlong UTF-8 sequence
 */
export function normaliseTarget(target: string): string | undefined {
  const queryAt = target.indexOf('?');
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  if (/%(?:00|c[01])/i.test(path)) return undefined;
  if (!/\/(?:\.|%2e)/i.test(path)) return target;
  const segments: string[] = [];
  const parts = path.split('/').slice(1);
  for (const [index, part] of parts.entries()) {
    const plain = part.replace(/%2e/gi, '.');
    const last = index === parts.length - 1;
    if (plain === '..') segments.pop();
    if (plain !== '..' && plain !== '.') segments.push(part);
    else if (last) segments.push('');
  }
  return `/${segments.join('/')}${queryAt === -1 ? '' : target.slice(queryAt)}`;
}
