/** Endpoints are reached from anywhere: an address that means this machine to everybody is refused, as a cluster does. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import { listAt, textAt } from '../builtin/field-access.ts';
import { invalid } from '../schema/causes.ts';
import type { KindRule } from './kind-rule.ts';

export const endpointsRule: KindRule = {
  validate: (object) =>
    listAt(object, 'subsets').flatMap((subset, index) =>
      ['addresses', 'notReadyAddresses'].flatMap((list) =>
        listAt(subset, list).flatMap((address, at) =>
          loopbackCauses(textAt(address, 'ip') ?? '', `subsets[${index}].${list}[${at}].ip`),
        ),
      ),
    ),
};

function loopbackCauses(ip: string, field: string): StatusCause[] {
  const loopback = ip.startsWith('127.') || ip === '::1';
  return loopback ? [invalid(field, ip, 'may not be in the loopback range (127.0.0.0/8, ::1/128)')] : [];
}
