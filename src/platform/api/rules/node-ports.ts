/**
 * The ports of Services of type NodePort and LoadBalancer: 30000 to 32767, each given to one of them. Nothing listens there on one
 * machine, but manifests for a cluster keep their meaning, and clients find the field they expect.
 */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { type Fields, fieldsAt, listAt, numberAt, textAt } from '../builtin/field-access.ts';
import { invalid } from '../schema/causes.ts';

const FIRST = 30_000;
const LAST = 32_767;

/** Gives a port of the range to every port of `service` that has none, in place. */
export function allocateNodePorts(service: KubeObject, context: ApiContext): void {
  if (!hasNodePorts(service)) return;
  const used = portsOfOthers(service, context);
  for (const port of portsOf(service)) used.add(numberAt(port, 'nodePort') ?? 0);
  const spec = fieldsAt(service, 'spec');
  service.spec = { ...spec, ports: portsOf(service).map((port) => withNodePort(port, used)) };
}

export function nodePortCauses(service: KubeObject, context: ApiContext): StatusCause[] {
  if (!hasNodePorts(service)) return [];
  const used = portsOfOthers(service, context);
  return portsOf(service).flatMap((port, index) => {
    const asked = numberAt(port, 'nodePort') ?? 0;
    const field = `spec.ports[${index}].nodePort`;
    if (asked === 0) return [];
    if (asked < FIRST || asked > LAST) {
      const why = `provided port is not in the valid range. The range of valid ports is ${FIRST}-${LAST}`;
      return [invalid(field, asked, why)];
    }
    return used.has(asked) ? [invalid(field, asked, 'provided port is already allocated')] : [];
  });
}

function hasNodePorts(service: KubeObject): boolean {
  const type = textAt(service, 'spec', 'type');
  const wanted = fieldsAt(service, 'spec').allocateLoadBalancerNodePorts !== false;
  return type === 'NodePort' || (type === 'LoadBalancer' && wanted);
}

function portsOf(service: KubeObject): readonly Fields[] {
  return listAt(service, 'spec', 'ports');
}

function portsOfOthers({ metadata }: KubeObject, { store }: ApiContext): Set<number> {
  const others = store
    .list('services')
    .filter(({ object }) => object.metadata.name !== metadata.name || object.metadata.namespace !== metadata.namespace);
  return new Set(others.flatMap(({ object }) => portsOf(object).map((port) => numberAt(port, 'nodePort') ?? 0)));
}

/** @throws Error when all ports are taken, which the dispatcher answers as an internal error */
function withNodePort(port: Fields, used: Set<number>): Fields {
  if (numberAt(port, 'nodePort')) return port;
  for (let nodePort = FIRST; nodePort <= LAST; nodePort++) {
    if (used.has(nodePort)) continue;
    used.add(nodePort);
    return { ...port, nodePort };
  }
  throw new Error('failed to allocate a nodePort: range is full');
}
