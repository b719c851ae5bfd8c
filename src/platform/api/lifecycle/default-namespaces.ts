/** The namespaces that every Kubernetes has from its first moment. */

import type { ApiContext } from '../api-context.ts';
import { newMetadata } from '../object/system-metadata.ts';
import { namespaceRule } from '../rules/namespace-rule.ts';

const NAMES = ['default', 'kube-system', 'kube-node-lease', 'kube-public'];

export function createDefaultNamespaces(context: ApiContext): void {
  const { store, clock, random } = context;
  for (const name of NAMES) {
    if (store.get('namespaces', { name }) !== undefined) continue;
    const metadata = newMetadata({ name }, { now: clock.now(), random });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata };
    namespaceRule.prepare?.(namespace, context);
    store.put('namespaces', namespace);
  }
}
