import type { Clock, EpochMs } from '../../src/lib/clock.ts';

/** A clock that stands still until told to move. Timers fire in order of their instants, each at its own instant. */
export class FakeClock implements Clock {
  #now: EpochMs;
  /** How far somebody has moved the wall clock. */
  #offsetMs = 0;
  #timers: { at: EpochMs; callback: () => void }[] = [];

  constructor(startAt: EpochMs = 0) {
    this.#now = startAt;
  }

  now(): EpochMs {
    return this.#now + this.#offsetMs;
  }

  /** The wall clock is put forward or back; timers and monotonic time do not notice. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  monotonicMs(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time forward, firing every timer that falls due, and lets promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs;
    for (;;) {
      await settled();
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = until;
    await settled();
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }
}

/** Lets every promise that is already resolved run its continuations. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
