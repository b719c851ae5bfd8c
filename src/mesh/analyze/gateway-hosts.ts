/** Hosts of a Gateway's servers as `namespace/host`, and when two host patterns can mean the same host (istio.md chapter 6). */

import type { KubeObject } from '../../lib/resource.ts';
import { namespaceOf } from './analyzed-world.ts';
import { fieldsOf, listOf, textsOf } from './loose-fields.ts';

/** Patterns of all servers to which a VirtualService of `namespace` may attach. */
export function gatewayHostsFor(gateway: KubeObject, namespace: string): string[] {
  return listOf(fieldsOf(gateway.spec).servers)
    .flatMap((server) => textsOf(fieldsOf(server).hosts))
    .flatMap((written) => {
      const [scope = '*', host = ''] = written.includes('/') ? written.split('/') : ['*', written];
      const admitted = scope === '.' ? namespaceOf(gateway) : scope;
      return admitted === '*' || admitted === namespace ? [host] : [];
    });
}

/** Whether some host fits both patterns. */
export function hostsOverlap(a: string, b: string): boolean {
  if (a.startsWith('*') && b.startsWith('*')) {
    const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
    return longer.slice(1).endsWith(shorter.slice(1));
  }
  if (a.startsWith('*')) return b.endsWith(a.slice(1));
  if (b.startsWith('*')) return a.endsWith(b.slice(1));
  return a === b;
}
