/** Istio's validation of a redirect (istio.md 11). */

import type { Issue } from '../../lib/issue.ts';
import type { HttpRouteSpec } from './http-route.ts';

const REDIRECT_CODES = [301, 302, 303, 307, 308];

/** All issues of the redirect of one rule, if it has one. */
export function validateRedirect({ redirect, match = [] }: HttpRouteSpec, path: string): Issue[] {
  if (redirect === undefined) return [];
  const { uri = '', prefixRewrite = '', redirectCode = 0 } = redirect;
  const issues: Issue[] = [];
  // Envoy has no action for other codes and would refuse the whole route configuration; 0 is the default.
  if (redirectCode !== 0 && !REDIRECT_CODES.includes(redirectCode)) {
    const message = `must be one of ${REDIRECT_CODES.join(', ')}: got ${redirectCode}`;
    issues.push({ path: `${path}.redirect.redirectCode`, message });
  }
  const { authority = '', scheme = '', port, derivePort } = redirect;
  if ([uri, prefixRewrite, authority, scheme].join('') === '' && port === undefined && derivePort === undefined) {
    const message = 'must have one of uri, prefixRewrite, authority, scheme, port and derivePort: got none';
    issues.push({ path: `${path}.redirect`, message });
  }
  if (!['', 'http', 'https'].includes(scheme)) {
    issues.push({ path: `${path}.redirect.scheme`, message: `must be http or https: got ${scheme}` });
  }
  // A line break would end the field `location` and begin one of its own.
  const text = [uri, prefixRewrite, authority].find((each) => /[\x00-\x1f\x7f]/.test(each));
  if (text !== undefined) {
    issues.push({ path: `${path}.redirect`, message: `must hold no control characters: got ${JSON.stringify(text)}` });
  }
  if (port !== undefined && derivePort !== undefined) {
    issues.push({ path: `${path}.redirect`, message: 'must have only one of port and derivePort: got both' });
  }
  if (uri !== '' && prefixRewrite !== '') {
    issues.push({ path: `${path}.redirect`, message: 'must have only one of uri and prefixRewrite: got both' });
  }
  if (prefixRewrite !== '' && match.some(({ uri: wanted }) => wanted !== undefined && wanted.prefix === undefined)) {
    const message = 'must stand with prefix matches only: got another match';
    issues.push({ path: `${path}.redirect.prefixRewrite`, message });
  }
  return issues;
}
