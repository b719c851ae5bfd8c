/** Who may see an object (istio.md 2.6): everybody, unless `exportTo` says otherwise; `~` is nobody. */

import type { IstioMeta } from '../schema/envelope.ts';

type Exported = { metadata: Pick<IstioMeta, 'namespace'>; spec: { exportTo?: readonly string[] | undefined } };

/** @param namespace of the caller; absent: a caller who sees everything */
export function isVisibleIn({ metadata, spec: { exportTo = [] } }: Exported, namespace: string | undefined): boolean {
  if (exportTo.includes('~')) return false;
  if (exportTo.length === 0 || namespace === undefined || exportTo.includes('*')) return true;
  return exportTo.includes(namespace) || (exportTo.includes('.') && metadata.namespace === namespace);
}
