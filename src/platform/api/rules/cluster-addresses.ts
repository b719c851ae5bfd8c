/** The addresses of Services: 10.96.0.0/16, each given to one of them. */

import type { ApiContext } from '../api-context.ts';
import { textAt } from '../builtin/field-access.ts';

const NETWORK = '10.96';
/** The first address is that of the API server itself in every cluster. */
export const API_SERVER_ADDRESS = `${NETWORK}.0.1`;
const FIRST_HOST = 2;
const LAST_HOST = 65_534;

export function clusterAddressesInUse({ store }: ApiContext): Set<string> {
  return new Set(store.list('services').map(({ object }) => textAt(object, 'spec', 'clusterIP') ?? ''));
}

/** @throws Error when all 65 533 addresses are taken, which the dispatcher answers as an internal error */
export function freeClusterAddress(used: ReadonlySet<string>): string {
  for (let host = FIRST_HOST; host <= LAST_HOST; host++) {
    const address = `${NETWORK}.${host >> 8}.${host & 0xff}`;
    if (!used.has(address)) return address;
  }
  throw new Error('failed to allocate a serviceIP: range is full');
}

export function isClusterAddress(address: string): boolean {
  const match = /^10\.96\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return false;
  const [high, low] = [Number(match[1]), Number(match[2])];
  const host = high * 256 + low;
  return high <= 255 && low <= 255 && host >= 1 && host <= LAST_HOST;
}
