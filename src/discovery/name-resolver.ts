/**
 * The addresses of DNS names that resources refer to, asked for again when their time to live is over. A name that cannot be
 * resolved keeps the addresses that it had: a DNS server that is away must not take services down (istio.md 7.1).
 */

import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export type Resolved = {
  addresses: readonly string[];
  /** How long the answer is good for; absent: unknown. */
  ttlMs?: number;
};

export type NameResolver = {
  /** As far as they are known now. */
  addressesOf(name: string): readonly string[];
  /** Follows these names from now on, and no others. Resolves once each of them was answered, or could not be. */
  follow(names: ReadonlySet<string>): Promise<void>;
  close(): void;
};

export type NameResolverOptions = {
  resolve: (name: string) => Promise<Resolved>;
  clock: Clock;
  logger: Logger;
  /** A name has other addresses than before. */
  onChange: () => void;
};

/** Nobody is asked more often, however short the time to live. */
const SHORTEST_MS = 5_000;
const LONGEST_MS = 300_000;

type Followed = { addresses: readonly string[]; answered: Promise<void>; forget: () => void };

export function createNameResolver({ resolve, clock, logger, onChange }: NameResolverOptions): NameResolver {
  const followed = new Map<string, Followed>();

  const ask = async (name: string, entry: Followed): Promise<void> => {
    let nextMs = SHORTEST_MS;
    try {
      const { addresses, ttlMs = SHORTEST_MS } = await resolve(name);
      nextMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ttlMs));
      learn(name, entry, addresses);
    } catch (thrown) {
      logger.warn({ name, error: messageOf(thrown) }, 'name not resolved');
    }
    // The answer may come when nobody wants it any more, or wants it anew.
    if (followed.get(name) === entry) entry.forget = clock.after(nextMs, () => void ask(name, entry));
  };

  const learn = (name: string, entry: Followed, addresses: readonly string[]): void => {
    if (followed.get(name) !== entry || addresses.length === 0) return;
    const isSame =
      addresses.length === entry.addresses.length && addresses.every((each) => entry.addresses.includes(each));
    if (isSame) return;
    entry.addresses = addresses;
    onChange();
  };

  return {
    addressesOf: (name) => followed.get(name)?.addresses ?? [],
    async follow(names) {
      for (const [name, { forget }] of followed) {
        if (names.has(name)) continue;
        forget();
        followed.delete(name);
      }
      for (const name of names) {
        if (followed.has(name)) continue;
        const entry: Followed = { addresses: [], answered: Promise.resolve(), forget: () => {} };
        followed.set(name, entry);
        entry.answered = ask(name, entry);
      }
      await Promise.all([...names].map((name) => followed.get(name)?.answered));
    },
    close() {
      for (const { forget } of followed.values()) forget();
      followed.clear();
    },
  };
}
