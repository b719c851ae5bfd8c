/** Names of Gateways as VirtualServices write them: `mesh`, `NAME` or `NAMESPACE/NAME` (istio.md 3.1). */

import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';

/** A dotted name without a namespace is the old form, `NAME.NAMESPACE.svc.cluster.local`. */
export function validateGatewayName(written: string, path: string): Issue[] {
  const [first = '', second, ...more] = written.split('/');
  const isName =
    second === undefined
      ? first.split('.').every(isDnsLabel)
      : more.length === 0 && (first === '.' || isDnsLabel(first)) && isDnsLabel(second);
  return isName ? [] : [{ path, message: `must be mesh, NAME or NAMESPACE/NAME: got ${written}` }];
}
