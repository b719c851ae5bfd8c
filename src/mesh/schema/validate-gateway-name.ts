/** Names of Gateways as VirtualServices write them: `mesh`, `NAME` or `NAMESPACE/NAME` (istio.md 3.1). */

import type { Issue } from '../../lib/issue.ts';

/** A dotted name without a namespace is the old form, `NAME.NAMESPACE.svc.cluster.local`. */
export function validateGatewayName(written: string, path: string): Issue[] {
  const [first = '', second, ...more] = written.split('/');
  const isName =
    second === undefined
      ? first.split('.').every(isLabel)
      : more.length === 0 && (first === '.' || isLabel(first)) && second.split('.').every(isLabel);
  return isName ? [] : [{ path, message: `must be mesh, NAME or NAMESPACE/NAME: got ${written}` }];
}

function isLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(text);
}
