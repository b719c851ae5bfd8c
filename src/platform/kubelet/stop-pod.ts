/** The end of a pod: out of the way of traffic first, then asked, then made. */

import type { Clock } from '../../lib/clock.ts';
import { delay } from '../../lib/clock.ts';
import type { PodProcess } from './pod-process.ts';
import { type ProbeTarget, runProbe } from './run-probe.ts';

export type StopOptions = {
  /** Patience from the first word to SIGKILL, preStop included, in milliseconds. */
  graceMs: number;
  /** `lifecycle.preStop.exec`, and how to run it. */
  preStop?: { command: string[]; target: ProbeTarget };
  clock: Clock;
  /** Ends the patience without ending the pod: somebody else will. */
  signal?: AbortSignal;
};

const REPEAT_KILL_MS = 1_000;

/** preStop, SIGTERM to the process group, SIGKILL when the grace period is over. Resolves when the process has ended. */
export async function stopProcess(
  process: PodProcess,
  { graceMs, preStop, clock, signal }: StopOptions,
): Promise<void> {
  const until = clock.monotonicMs() + graceMs;
  if (preStop !== undefined && 0 < graceMs) {
    const spec = { exec: { command: preStop.command }, timeoutSeconds: graceMs / 1_000 };
    await Promise.race([runProbe(spec, preStop.target), process.ended]);
  }
  if (0 < graceMs) process.signal('SIGTERM');
  if (await endsWithin(process, Math.max(0, until - clock.monotonicMs()), { clock, signal })) return;
  do process.signal('SIGKILL');
  while (!(await endsWithin(process, REPEAT_KILL_MS, { clock, signal })));
}

async function endsWithin(
  { ended }: PodProcess,
  patienceMs: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal | undefined },
): Promise<boolean> {
  const over = new AbortController();
  const patience = delay(
    clock,
    patienceMs,
    signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]),
  );
  try {
    return await Promise.race([ended.then(() => true), patience.then(() => false)]);
  } finally {
    patience.catch(() => {});
    over.abort();
  }
}

export type LeaveOptions = {
  /** Whether traffic may still be sent to the pod. */
  isServed: () => boolean;
  /** Calls back whenever the answer may have changed. Returns the unsubscriber. */
  onChange: (listener: () => void) => () => void;
  /** Resolves once every proxy serves a table without the pod. */
  acknowledged: () => Promise<void>;
  patienceMs: number;
  clock: Clock;
  signal: AbortSignal;
};

/** Waits until the pod has left its EndpointSlices and the proxies know it, but no longer than the patience. */
export async function leaveTraffic({
  isServed,
  onChange,
  acknowledged,
  patienceMs,
  clock,
  signal,
}: LeaveOptions): Promise<void> {
  const over = new AbortController();
  const left = new Promise<void>((resolve) => {
    const check = (): void => {
      if (isServed()) return;
      stop();
      resolve();
    };
    let stop = (): void => {};
    stop = onChange(check);
    over.signal.addEventListener('abort', stop, { once: true });
    check();
  });
  const patience = delay(clock, patienceMs, AbortSignal.any([over.signal, signal]));
  const known = left.then(acknowledged).catch(() => patience);
  try {
    await Promise.race([known, patience]);
  } finally {
    patience.catch(() => {});
    over.abort();
  }
}
