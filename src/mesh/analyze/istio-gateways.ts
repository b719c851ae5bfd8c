/** The Gateways of Istio, and how VirtualServices name them. Those of the Gateway API have the same kind. */

import type { KubeObject } from '../../lib/resource.ts';
import { type AnalyzedWorld, fullNameOf, namespaceOf } from './analyzed-world.ts';

export function istioGateways(world: AnalyzedWorld): KubeObject[] {
  return world.ofKind('Gateway').filter(({ apiVersion }) => apiVersion.startsWith('networking.istio.io/'));
}

/** By `namespace/name`. */
export function istioGatewaysByName(world: AnalyzedWorld): ReadonlyMap<string, KubeObject> {
  return new Map(istioGateways(world).map((one) => [fullNameOf(one), one]));
}

/** `namespace/name` of what is written in an object: without a namespace its own is meant. */
export function fullGatewayName(written: string, object: KubeObject): string {
  return written.includes('/') ? written : `${namespaceOf(object)}/${written}`;
}
