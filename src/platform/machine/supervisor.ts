/**
 * Keeps child processes running: one that ends is started again after a back-off, until the supervisor is told to stop. The
 * supervisor knows nothing of what its children do, so that it has nothing to crash over.
 */

import type { ChildProcess } from 'node:child_process';
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';

export type ChildSpec = {
  name: string;
  /** Starts the process anew; called for the first start and for every restart. */
  start: () => ChildProcess;
  /** Patience after SIGTERM before SIGKILL, in milliseconds. */
  stopPatienceMs: number;
};

export type SupervisorOptions = { clock: Clock; random: () => number; logger: Logger };

export type SupervisedChild = { readonly pid: number | undefined; stop(): Promise<void> };

const RESTART: BackoffPolicy = { baseMs: 100, maxMs: 10_000, jitter: 0.2 };
/** A child that ran this long has recovered: its next restart is quick again. */
const STABLE_AFTER_MS = 30_000;

/** Starts one child and keeps it running. */
export function supervise({ name, start, stopPatienceMs }: ChildSpec, options: SupervisorOptions): SupervisedChild {
  const { clock, random, logger } = options;
  let child: ChildProcess | undefined;
  let cancelRestart: (() => void) | undefined;
  let stopping = false;
  let failures = 0;

  const launch = (): void => {
    const startedAt = clock.monotonicMs();
    const process = start();
    child = process;
    process.once('error', (error) => logger.error({ child: name, error: error.message }, 'child cannot be started'));
    process.once('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      failures = clock.monotonicMs() - startedAt >= STABLE_AFTER_MS ? 0 : failures + 1;
      const waitMs = backoffMs(RESTART, Math.max(0, failures - 1), random());
      logger.warn({ child: name, code, signal, restartInMs: Math.round(waitMs) }, 'child ended, starting it again');
      cancelRestart = clock.after(waitMs, launch);
    });
  };

  launch();
  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      cancelRestart?.();
      if (child !== undefined) await stopChild(child, stopPatienceMs, clock);
    },
  };
}

/** SIGTERM, then SIGKILL after `patienceMs`; resolves when the process is gone. */
export function stopChild(child: ChildProcess, patienceMs: number, clock: Clock): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const cancelKill = clock.after(patienceMs, () => child.kill('SIGKILL'));
    child.once('exit', () => {
      cancelKill();
      resolve();
    });
    child.kill('SIGTERM');
  });
}
