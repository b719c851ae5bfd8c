/** Names as this machine resolves them, its hosts file included; of both families IPv4 is preferred, as Istio does. */

import { lookup, Resolver } from 'node:dns/promises';
import type { Resolved } from './name-resolver.ts';

/** Only the time to live is learned from it, which is not worth waiting for. */
const servers = new Resolver({ timeout: 1_000, tries: 1 });

/** @throws when nobody knows the name, or nobody answers */
export async function systemDns(name: string): Promise<Resolved> {
  // The machine's own resolver says nothing about time; who is asked for that need not know the name.
  const [found, ttlMs] = await Promise.all([lookup(name, { all: true }), ttlOf(name)]);
  const fours = found.filter(({ family }) => family === 4);
  const addresses = [...new Set((fours.length > 0 ? fours : found).map(({ address }) => address))];
  return { addresses, ...(ttlMs !== undefined && { ttlMs }) };
}

async function ttlOf(name: string): Promise<number | undefined> {
  const records = await servers.resolve4(name, { ttl: true }).catch(() => []);
  return records.length === 0 ? undefined : Math.min(...records.map(({ ttl }) => ttl)) * 1_000;
}
