/** Istio's validation of what holds for the ports of a Sidecar in both directions (istio.md §11). */

import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { isProtocol } from './protocols.ts';
import type { SidecarSpec } from './sidecar.ts';

type Port = NonNullable<SidecarSpec['ingress']>[number]['port'];

export function validateSidecarPort({ protocol = '', name = '', targetPort }: Port, path: string): Issue[] {
  const issue = (field: string, message: string): Issue => ({ path: `${path}.port.${field}`, message });
  return [
    ...(protocol === '' || isProtocol(protocol)
      ? []
      : [issue('protocol', `must be a known protocol: got ${protocol}`)]),
    ...(name === '' || isDnsLabel(name) ? [] : [issue('name', `must be letters, digits and -: got ${name}`)]),
    ...(targetPort === undefined ? [] : [issue('targetPort', 'must not be set')]),
  ];
}
