/** Addresses of sockets in the file system, as Istio writes them: `unix:///run/web.sock`, or `unix://@web` for one without a file. */

import type { Issue } from '../../lib/issue.ts';

const PREFIX = 'unix://';

export function isUnixSocket(address: string): boolean {
  return address.startsWith(PREFIX);
}

/** Nothing to say about other addresses. */
export function validateUnixSocket(address: string, path: string): Issue[] {
  const file = address.slice(PREFIX.length);
  if (!isUnixSocket(address) || file.startsWith('@') || (file.startsWith('/') && !file.endsWith('/'))) return [];
  return [{ path, message: `must be the absolute path of a file: got ${address}` }];
}
