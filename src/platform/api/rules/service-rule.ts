/** Services get an address, and ports on every node where their type has them, that no other Service has. */

import { isIP } from 'node:net';
import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, textAt } from '../builtin/field-access.ts';
import { invalid } from '../schema/causes.ts';
import { clusterAddressesInUse, freeClusterAddress, isClusterAddress } from './cluster-addresses.ts';
import type { KindRule } from './kind-rule.ts';
import { allocateNodePorts, nodePortCauses } from './node-ports.ts';

export const serviceRule: KindRule = {
  prepare: allocate,
  check: (service, context) => [...addressCauses(service, context), ...nodePortCauses(service, context)],
  checkUpdate: nodePortCauses,
  prepareUpdate: (service, _old, context) => allocate(service, context),
};

function allocate(service: KubeObject, context: ApiContext): void {
  if (textAt(service, 'spec', 'type') === 'ExternalName') return;
  const spec = fieldsAt(service, 'spec');
  const asked = textAt(spec, 'clusterIP') ?? '';
  const clusterIP = asked === '' ? freeClusterAddress(clusterAddressesInUse(context)) : asked;
  service.spec = { ...spec, clusterIP, clusterIPs: [clusterIP] };
  allocateNodePorts(service, context);
}

function addressCauses(service: KubeObject, context: ApiContext): StatusCause[] {
  const asked = textAt(service, 'spec', 'clusterIP') ?? '';
  if (isIP(asked) === 0 || textAt(service, 'spec', 'type') === 'ExternalName') return [];
  const { clusterIPs } = fieldsAt(service, 'spec');
  // Addresses that contradict each other are refused as such.
  if (Array.isArray(clusterIPs) && clusterIPs[0] !== asked) return [];
  if (!isClusterAddress(asked)) {
    const why = `the provided IP (${asked}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`;
    return [invalid('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: ${why}`)];
  }
  if (!clusterAddressesInUse(context).has(asked)) return [];
  return [invalid('spec.clusterIPs', [asked], `failed to allocate IP ${asked}: provided IP is already allocated`)];
}
