/** How VirtualServices and their match entries name Gateways (istio.md 2.3). */

import { perObject } from '../../lib/per-object.ts';
import type { IstioMeta } from '../schema/envelope.ts';
import { CLUSTER_DOMAIN } from '../schema/host-name.ts';
import type { VirtualService } from '../schema/virtual-service.ts';

/** All sidecars. */
export const MESH = 'mesh';

/** `namespace/name` of what is written as `gw`, `./gw`, `shop/gw` or, as long ago, `gw.shop.svc.cluster.local`; `mesh` is itself. */
export function gatewayKey(written: string, { namespace }: Pick<IstioMeta, 'namespace'>): string {
  if (written === MESH) return MESH;
  const [before = '', after] = written.split('/');
  if (after !== undefined) return `${before === '.' ? namespace : before}/${after}`;
  const [name = '', ofNamespace, ...rest] = before.split('.');
  const isLong = ofNamespace !== undefined && rest.join('.') === `svc.${CLUSTER_DOMAIN}`;
  return isLong ? `${ofNamespace}/${name}` : `${namespace}/${before}`;
}

/** Where a VirtualService applies: nothing written means the mesh. */
export const gatewayKeys = perObject(
  ({ metadata, spec: { gateways = [] } }: VirtualService): ReadonlySet<string> =>
    gateways.length === 0 ? new Set([MESH]) : new Set(gateways.map((written) => gatewayKey(written, metadata))),
);
