/**
 * Which process a recorded process id means. Ids are recycled, so an id alone may point at a stranger; id and start time
 * together do not (proc(5), field 22 of `/proc/PID/stat`).
 */

import { readFileSync } from 'node:fs';

export type ProcessIdentity = {
  pid: number;
  /** Clock ticks after boot, as the kernel counts them; empty where there is no /proc. */
  startTime: string;
};

export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name stands in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, startTime: fields[19] ?? '' };
  } catch {
    return hasProcFileSystem() || !answersSignals(pid) ? undefined : { pid, startTime: '' };
  }
}

/** Whether the recorded process still runs, and is the one that was recorded. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const now = identityOf(pid);
  return now !== undefined && now.startTime === startTime;
}

function hasProcFileSystem(): boolean {
  try {
    readFileSync('/proc/self/stat');
    return true;
  } catch {
    return false;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
