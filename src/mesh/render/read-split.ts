/** What a VirtualService says about the split: the inverse of `renderVirtualService`, as far as a rollout asks. */

import type { KubeObject } from '../../lib/resource.ts';
import { parseVirtualService } from '../schema/virtual-service.ts';

export type Split = {
  /** Share of the last rule's requests that the canary gets, in percent. */
  canaryWeight: number;
  /** Whether that rule copies requests. */
  mirrored: boolean;
};

/**
 * Reads the last rule with two destinations, primary first.
 *
 * @returns `undefined` when the object is not valid or has no such rule: then somebody else has written it
 */
export function readSplit(virtualService: KubeObject): Split | undefined {
  const parsed = parseVirtualService(virtualService);
  if (!parsed.ok) return undefined;
  const rule = parsed.value.spec.http?.findLast(({ route }) => route?.length === 2);
  const [primary, canary] = rule?.route ?? [];
  if (rule === undefined || primary === undefined || canary === undefined) return undefined;
  const total = (primary.weight ?? 0) + (canary.weight ?? 0);
  return {
    canaryWeight: ((canary.weight ?? 0) * 100) / total,
    mirrored: (rule.mirror ?? rule.mirrors?.[0]) !== undefined,
  };
}
