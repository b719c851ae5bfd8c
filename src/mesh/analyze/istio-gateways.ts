/** The Gateways of Istio. Those of the Gateway API have the same kind. */

import type { KubeObject } from '../../lib/resource.ts';
import { type AnalyzedWorld, fullNameOf } from './analyzed-world.ts';

export function istioGateways(world: AnalyzedWorld): KubeObject[] {
  return world.ofKind('Gateway').filter(({ apiVersion }) => apiVersion.startsWith('networking.istio.io/'));
}

/** By `namespace/name`. */
export function istioGatewaysByName(world: AnalyzedWorld): ReadonlyMap<string, KubeObject> {
  return new Map(istioGateways(world).map((one) => [fullNameOf(one), one]));
}
