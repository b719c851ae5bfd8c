/**
 * Time as an argument. Only `main/` constructs a clock; everything else is handed one, so that tests decide what time it is.
 */

/** Milliseconds since 1970 UTC. */
export type EpochMs = number;

export interface Clock {
  /** Wall-clock time, for instants that are written down. */
  now(): EpochMs;
  /** Monotonic milliseconds from an arbitrary start, for durations within one process. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. Never keeps the process alive by itself. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` of `clock`, or rejects with the signal's reason when aborted first. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** An instant as Kubernetes writes it in status fields: RFC 3339, UTC, whole seconds. */
export function toRfc3339(at: EpochMs): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
