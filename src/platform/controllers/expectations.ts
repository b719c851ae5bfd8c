/**
 * What a controller has asked the server for and its cache has not shown yet. As long as something is expected the cache is
 * behind, and deciding from it would make too many objects, or end too many.
 */

import type { Clock, EpochMs } from '../../lib/clock.ts';

type Expected = { creations: number; deletions: Set<string>; expiresAt: EpochMs };

// An object may come and go while a watch is down, and then it is never seen: after this the cache is believed again.
const EXPIRY_MS = 5 * 60_000;

export class Expectations {
  readonly #clock: Clock;
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called before the objects are asked for: the watch may be faster than the answer. */
  expectCreations(key: string, count: number): void {
    this.#at(key).creations += count;
  }

  expectDeletion(key: string, uid: string): void {
    this.#at(key).deletions.add(uid);
  }

  /** An object was seen, or could not be created after all. */
  creationDone(key: string): void {
    const expected = this.#expected.get(key);
    if (expected !== undefined) expected.creations = Math.max(0, expected.creations - 1);
  }

  /** An object was seen on its way out, or could not be deleted after all. */
  deletionDone(key: string, uid: string): void {
    this.#expected.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.#expected.delete(key);
  }

  /** Until when the cache is not to be believed; `undefined` when it is up to date. */
  pendingUntil(key: string): EpochMs | undefined {
    const expected = this.#expected.get(key);
    if (expected === undefined) return undefined;
    const settled = expected.creations === 0 && expected.deletions.size === 0;
    if (!settled && this.#clock.now() < expected.expiresAt) return expected.expiresAt;
    this.#expected.delete(key);
    return undefined;
  }

  #at(key: string): Expected {
    const expiresAt = this.#clock.now() + EXPIRY_MS;
    const expected = this.#expected.get(key) ?? { creations: 0, deletions: new Set<string>(), expiresAt };
    expected.expiresAt = expiresAt;
    this.#expected.set(key, expected);
    return expected;
  }
}
