/** When nothing keeps an object any more that is marked for deletion. */

import type { KubeObject } from '../../../lib/resource.ts';
import { at } from '../builtin/field-access.ts';
import type { KindDefinition } from '../kind.ts';
import { isBuiltIn } from '../kind-registry.ts';

/** No finalizers, no grace period that somebody still has to end, and for a namespace nothing left to clear. */
export function isReleased(kind: KindDefinition, { metadata, spec }: KubeObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0) return false;
  if (kind.type.kind === 'Namespace' && isBuiltIn(kind)) return !hasFinalizers(spec);
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}

function hasFinalizers(spec: unknown): boolean {
  const finalizers = at(spec, 'finalizers');
  return Array.isArray(finalizers) && finalizers.length > 0;
}
