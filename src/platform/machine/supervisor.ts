/**
 * Keeps child processes running: one that ends is started again after a back-off, until the supervisor is told to stop. The
 * supervisor knows nothing of what its children do, so that it has nothing to crash over.
 */

import type { ChildProcess } from 'node:child_process';
import { type BackoffPolicy, backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

export type ChildSpec = {
  name: string;
  /** Starts the process anew; called for the first start and for every restart. */
  start: () => ChildProcess;
  /** Patience after SIGTERM before SIGKILL, in milliseconds. */
  stopPatienceMs: number;
  /** Told how the process ended unasked, in words, before it is started again. */
  onEnd?: (how: string) => void;
};

export type SupervisorOptions = { clock: Clock; random: () => number; logger: Logger };

export type SupervisedChild = { readonly pid: number | undefined; stop(): Promise<void> };

const RESTART: BackoffPolicy = { baseMs: 100, maxMs: 10_000, jitter: 0.2 };
/** A child that ran this long has recovered: its next restart is quick again. */
const STABLE_AFTER_MS = 30_000;

type ChildEnd = { code: number | null; signal: NodeJS.Signals | null } | { error: string };

/**
 * Starts one child and keeps it running.
 *
 * @throws whatever the first start throws; later ones are tried again
 */
export function supervise(
  { name, start, stopPatienceMs, onEnd }: ChildSpec,
  options: SupervisorOptions,
): SupervisedChild {
  const { clock, random, logger } = options;
  let child: ChildProcess | undefined;
  let cancelRestart: (() => void) | undefined;
  let stopping = false;
  let failures = 0;

  const launch = (): void => {
    const startedAt = clock.monotonicMs();
    const process = start();
    child = process;
    const ended = (how: ChildEnd): void => {
      if (child !== process) return;
      child = undefined;
      if (!stopping) restart(how, clock.monotonicMs() - startedAt);
    };
    // Also told when a message could not be delivered, of a process that lives; one that never began tells no exit.
    process.on('error', (error) => {
      logger.error({ child: name, error: error.message }, 'child reported an error');
      if (process.pid === undefined) ended({ error: error.message });
    });
    process.once('exit', (code, signal) => ended({ code, signal }));
  };

  const restart = (how: ChildEnd, ranMs: number): void => {
    failures = STABLE_AFTER_MS <= ranMs ? 0 : failures + 1;
    const waitMs = backoffMs(RESTART, Math.max(0, failures - 1), random());
    logger.warn({ child: name, ...how, restartInMs: Math.round(waitMs) }, 'child ended, starting it again');
    cancelRestart = clock.after(waitMs, relaunch);
    onEnd?.(describeEnd(how));
  };

  /** What cannot be started now (no file descriptors, a full disk) may be startable later. */
  const relaunch = (): void => {
    try {
      launch();
    } catch (thrown) {
      restart({ error: messageOf(thrown) }, 0);
    }
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

function describeEnd(how: ChildEnd): string {
  if ('error' in how) return how.error;
  return how.signal ?? `exit code ${how.code}`;
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
