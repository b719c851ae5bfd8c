/** Names as one DNS server knows them, instead of as this machine does; of both families IPv4 is preferred, as Istio does. */

import { Resolver } from 'node:dns/promises';
import type { Resolved } from './name-resolver.ts';

const PATIENCE = { timeout: 2_000, tries: 2 };

/** @param at address, perhaps with a port: `10.0.0.10`, `127.0.0.1:5353`, `[::1]:53` */
export function dnsServer(at: string): (name: string) => Promise<Resolved> {
  const resolver = new Resolver(PATIENCE);
  resolver.setServers([at]);
  return async (name) => {
    const records = await resolver.resolve4(name, { ttl: true }).catch(() => resolver.resolve6(name, { ttl: true }));
    const addresses = [...new Set(records.map(({ address }) => address))];
    return { addresses, ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1_000 };
  };
}
