/** Services get an address of 10.96.0.0/16 that is unique among them, unless they are headless or only a name. */

import type { StatusCause } from '../../../kube/kube-client.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { ApiContext } from '../api-context.ts';
import { fieldsAt, textAt } from '../builtin/field-access.ts';
import type { KindRule } from './kind-rule.ts';

const NETWORK = '10.96';
/** The first address is that of the API server itself in every cluster. */
const FIRST_HOST = 2;
const LAST_HOST = 65_534;

export const serviceRule: KindRule = {
  prepare(service, context) {
    if (textAt(service, 'spec', 'type') === 'ExternalName') return;
    const spec = fieldsAt(service, 'spec');
    const asked = textAt(spec, 'clusterIP') ?? '';
    const clusterIP = asked === '' ? freeAddress(addressesInUse(context)) : asked;
    service.spec = { ...spec, clusterIP, clusterIPs: [clusterIP] };
  },
  check(service, context) {
    const asked = textAt(service, 'spec', 'clusterIP') ?? '';
    if (asked === '' || asked === 'None' || textAt(service, 'spec', 'type') === 'ExternalName') return [];
    if (hostNumberOf(asked) === undefined) {
      return [
        refused(
          asked,
          `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`,
        ),
      ];
    }
    if (!addressesInUse(context).has(asked)) return [];
    return [refused(asked, `failed to allocate IP ${asked}: provided IP is already allocated`)];
  },
};

function refused(asked: string, why: string): StatusCause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify([asked])}: ${why}`,
    field: 'spec.clusterIPs',
  };
}

function addressesInUse({ store }: ApiContext): Set<string> {
  return new Set(
    store.list('services').map(({ object }: { object: KubeObject }) => textAt(object, 'spec', 'clusterIP') ?? ''),
  );
}

/** @throws Error when all 65 533 addresses are taken, which the dispatcher answers as an internal error */
function freeAddress(used: ReadonlySet<string>): string {
  for (let host = FIRST_HOST; host <= LAST_HOST; host++) {
    const address = `${NETWORK}.${host >> 8}.${host & 0xff}`;
    if (!used.has(address)) return address;
  }
  throw new Error('failed to allocate a serviceIP: range is full');
}

function hostNumberOf(address: string): number | undefined {
  const match = /^10\.96\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return undefined;
  const [high, low] = [Number(match[1]), Number(match[2])];
  const host = high * 256 + low;
  return high <= 255 && low <= 255 && host >= 1 && host <= LAST_HOST ? host : undefined;
}
