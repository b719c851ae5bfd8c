/**
 * The process of a container: detached, the leader of its own group, so that it outlives us and is ended whole. One that was started
 * by an earlier life of the platform is adopted: it can be watched and ended, but how it ended is not told to us.
 */

import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { identityOf, isRunning, type ProcessIdentity } from '../../lib/process-identity.ts';

export type ProcessEnd =
  | { how: 'exited'; exitCode: number; signal?: NodeJS.Signals }
  | { how: 'notStarted'; message: string }
  /** An adopted process, or one that ended while nobody watched. */
  | { how: 'unknown' };

export type PodProcess = {
  readonly identity: ProcessIdentity | undefined;
  /** Resolves once, when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  /** To the whole process group; nothing happens when it has ended, so that a recycled id is never hit. */
  signal(signal: NodeJS.Signals): void;
};

export type StartOptions = {
  argv: readonly string[];
  env: Record<string, string>;
  cwd: string;
  /** Relative commands are looked up from here. */
  workDir: string;
  /** Takes standard output and error; closed on our side. */
  logFd: number;
};

const ADOPTED_CHECK_MS = 500;

/** Never throws: a command that cannot be started is an end of its own. */
export function startProcess({ argv: [command = '', ...args], env, cwd, workDir, logFd }: StartOptions): PodProcess {
  const file = command.includes('/') && !isAbsolute(command) ? resolve(workDir, command) : command;
  const ended = Promise.withResolvers<ProcessEnd>();
  try {
    const child = spawn(file, args, { env, cwd, stdio: ['ignore', logFd, logFd], detached: true });
    child.unref();
    child.once('error', (error) => {
      if (child.pid === undefined) ended.resolve({ how: 'notStarted', message: `${command}: ${error.message}` });
    });
    child.once('exit', (exitCode, signal) => {
      // What it left behind in its group ends with it, as it would in a container.
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      ended.resolve({
        how: 'exited',
        exitCode: exitCode ?? 128 + signalNumber(signal),
        ...(signal === null ? {} : { signal }),
      });
    });
    const identity = child.pid === undefined ? undefined : (identityOf(child.pid) ?? { pid: child.pid, startTime: '' });
    return guarded(identity, ended.promise);
  } catch (thrown) {
    ended.resolve({ how: 'notStarted', message: String(thrown) });
    return guarded(undefined, ended.promise);
  } finally {
    closeSync(logFd);
  }
}

/** Takes over a recorded process; `undefined` when it has ended, or its id belongs to a stranger. */
export function adoptProcess(identity: ProcessIdentity, clock: Clock): PodProcess | undefined {
  if (!isRunning(identity)) return undefined;
  const ended = Promise.withResolvers<ProcessEnd>();
  const check = (): void => {
    if (isRunning(identity)) {
      clock.after(ADOPTED_CHECK_MS, check);
      return;
    }
    // A process id is not given anew while it names a group: where nobody has it, the group is still the one it led.
    if (identityOf(identity.pid) === undefined) signalGroup(identity.pid, 'SIGKILL');
    ended.resolve({ how: 'unknown' });
  };
  clock.after(ADOPTED_CHECK_MS, check);
  return guarded(identity, ended.promise);
}

function guarded(identity: ProcessIdentity | undefined, ended: Promise<ProcessEnd>): PodProcess {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  return {
    identity,
    ended,
    signal(signal) {
      if (!over && identity !== undefined && isRunning(identity)) signalGroup(identity.pid, signal);
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty.
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Record<string, number> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGTERM: 15,
  };
  return signal === null ? 0 : (numbers[signal] ?? 0);
}
