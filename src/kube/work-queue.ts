/**
 * Keys to be worked on: each by one worker at a time, coalesced while it waits, again after a failure (backed off per key), and again
 * at an instant its processing asked for. What the work is lives in `process`.
 */

import { type BackoffPolicy, backoffMs } from '../lib/backoff.ts';
import type { Clock, EpochMs } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export type WorkQueueOptions = {
  clock: Clock;
  random: () => number;
  logger: Logger;
  backoff: BackoffPolicy;
  /** Keys worked on at the same time. */
  concurrency: number;
  /** @returns the instant at which the key is to be processed again, if any */
  process: (key: string, signal: AbortSignal) => Promise<EpochMs | undefined>;
};

export type WorkQueue = {
  /** As soon as possible; ends a wait of the key for a later instant or a back-off. */
  add(key: string): void;
  /** At an instant, unless the key is asked for earlier. */
  addAt(key: string, at: EpochMs): void;
  /** Drops what is waiting for the key, and its failures. Work under way is finished. */
  forget(key: string): void;
  /** Resolves when nothing is ready and nothing is under way; keys that wait for an instant do not count. */
  idle(): Promise<void>;
  /** Aborts the signal of work under way and resolves when it has ended. */
  close(): Promise<void>;
};

/** Timers of the machine hold 31 bits of milliseconds; a later instant is reached in several steps. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Timers of the machine may fire this much too early, in milliseconds. */
const TIMER_MS_EARLY = 1;

/** `dueMs` is monotonic. */
type Wait = { dueMs: number; cancel: () => void };

export function createWorkQueue({ clock, random, logger, backoff, concurrency, process }: WorkQueueOptions): WorkQueue {
  const ready = new Set<string>();
  const waiting = new Map<string, Wait>();
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  const closing = new AbortController();
  let idleWaiters: (() => void)[] = [];

  const add = (key: string): void => {
    if (closing.signal.aborted) return;
    cancelWait(key);
    ready.add(key);
    // The caller goes on first, so that a burst of changes of one turn is one piece of work.
    queueMicrotask(startReady);
  };

  const addAt = (key: string, at: EpochMs): void => {
    if (closing.signal.aborted || ready.has(key)) return;
    const delayMs = at - clock.now();
    if (delayMs <= 0) {
      add(key);
      return;
    }
    const dueMs = clock.monotonicMs() + delayMs;
    const earlier = waiting.get(key);
    if (earlier !== undefined && earlier.dueMs <= dueMs) return;
    cancelWait(key);
    sleep(key, dueMs);
  };

  /** A wait is a duration from here on: somebody who puts the wall clock back must not make it longer. */
  const sleep = (key: string, dueMs: number): void => {
    const leftMs = dueMs - clock.monotonicMs();
    const wake = () => {
      waiting.delete(key);
      if (dueMs <= clock.monotonicMs() + TIMER_MS_EARLY) add(key);
      else sleep(key, dueMs);
    };
    waiting.set(key, { dueMs, cancel: clock.after(Math.min(Math.max(0, leftMs), TIMER_MS_MAX), wake) });
  };

  const cancelWait = (key: string): void => {
    waiting.get(key)?.cancel();
    waiting.delete(key);
  };

  const startReady = (): void => {
    for (const key of ready) {
      if (concurrency <= running.size) return;
      if (running.has(key)) continue;
      ready.delete(key);
      running.set(key, runOne(key));
    }
  };

  const runOne = async (key: string): Promise<void> => {
    try {
      const again = await process(key, closing.signal);
      failures.delete(key);
      if (again !== undefined) addAt(key, again);
    } catch (thrown) {
      onFailure(key, thrown);
    } finally {
      running.delete(key);
      startReady();
      settle();
    }
  };

  const onFailure = (key: string, thrown: unknown): void => {
    if (closing.signal.aborted) return;
    const count = failures.get(key) ?? 0;
    failures.set(key, count + 1);
    const remedy = thrown instanceof SluiceError ? thrown.remedy : undefined;
    const waitMs = Math.max(backoffMs(backoff, count, random()), remedy?.kind === 'wait' ? remedy.retryAfterMs : 0);
    logger.warn(
      { key, failures: count + 1, waitMs: Math.round(waitMs), error: messageOf(thrown) },
      'processing failed',
    );
    addAt(key, clock.now() + waitMs);
  };

  const settle = (): void => {
    if (0 < running.size || 0 < ready.size) return;
    for (const resolve of idleWaiters.splice(0)) resolve();
  };

  return {
    add,
    addAt,
    forget(key) {
      cancelWait(key);
      ready.delete(key);
      failures.delete(key);
      settle();
    },
    idle: () =>
      new Promise((resolve) => {
        idleWaiters = [...idleWaiters, resolve];
        settle();
      }),
    async close() {
      closing.abort(new Error('The work queue was closed'));
      for (const key of [...waiting.keys()]) cancelWait(key);
      ready.clear();
      await Promise.all(running.values());
      settle();
    },
  };
}
