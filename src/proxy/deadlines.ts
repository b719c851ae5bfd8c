/**
 * Deadlines of requests: thousands per second, of a few lengths only, and nearly all of them cancelled. Those of one length end in
 * the order in which they began, so each length has a list and one timer for its head; setting and cancelling touch neighbours only.
 */

import type { Clock } from '../lib/clock.ts';

export type Deadline = { cancel(): void };

/** Who is told when a deadline is over. */
export type DeadlineUser = { onDeadline(): void };

type Entry = Deadline & { atMs: number; user: DeadlineUser | undefined; before: Entry; after: Entry };

export class Deadlines {
  readonly #clock: Clock;
  readonly #lists = new Map<number, DeadlineList>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells `user` once, `lengthMs` after `nowMs` (monotonic), unless it is cancelled. */
  set(lengthMs: number, nowMs: number, user: DeadlineUser): Deadline {
    let list = this.#lists.get(lengthMs);
    if (list === undefined) {
      list = new DeadlineList(this.#clock, lengthMs, () => this.#lists.delete(lengthMs));
      this.#lists.set(lengthMs, list);
    }
    return list.add(nowMs, user);
  }
}

class DeadlineList {
  readonly #clock: Clock;
  readonly #lengthMs: number;
  readonly #onEmpty: () => void;
  /** Stands before the first and behind the last. */
  readonly #ends: Entry = new ListEntry(0, undefined);
  #isTimed = false;

  constructor(clock: Clock, lengthMs: number, onEmpty: () => void) {
    this.#clock = clock;
    this.#lengthMs = lengthMs;
    this.#onEmpty = onEmpty;
  }

  add(nowMs: number, user: DeadlineUser): Entry {
    const entry = new ListEntry(nowMs + this.#lengthMs, user);
    const last = this.#ends.before;
    entry.before = last;
    entry.after = this.#ends;
    last.after = this.#ends.before = entry;
    if (!this.#isTimed) this.#waitUntil(entry.atMs, nowMs);
    return entry;
  }

  #waitUntil(atMs: number, nowMs: number): void {
    this.#isTimed = true;
    // Whole milliseconds, and never none: a timer that came too early would come again at once.
    this.#clock.after(Math.max(1, Math.ceil(atMs - nowMs)), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#isTimed = false;
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#ends.after; first !== this.#ends && first.atMs <= nowMs; first = this.#ends.after) {
      const { user } = first;
      first.cancel();
      user?.onDeadline();
    }
    const first = this.#ends.after;
    if (first === this.#ends) this.#onEmpty();
    else if (!this.#isTimed) this.#waitUntil(first.atMs, nowMs);
  }
}

class ListEntry implements Entry {
  readonly atMs: number;
  user: DeadlineUser | undefined;
  before: Entry = this;
  after: Entry = this;

  constructor(atMs: number, user: DeadlineUser | undefined) {
    this.atMs = atMs;
    this.user = user;
  }

  cancel(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this.after = this;
    this.user = undefined;
  }
}
