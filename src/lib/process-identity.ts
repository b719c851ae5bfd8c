/**
 * Which process a recorded process id means. Ids are recycled, so an id alone may point at a stranger; id, start time (proc(5),
 * field 22 of `/proc/PID/stat`) and the boot that the time is counted from together do not.
 */

import { readFileSync } from 'node:fs';

export type ProcessIdentity = {
  pid: number;
  /** Clock ticks after boot, as the kernel counts them, and which boot that was; empty where there is no /proc. */
  startTime: string;
};

/** @returns `undefined` when no such process runs; one that has ended and waits for its parent does not */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name stands in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, startTime: `${fields[19] ?? ''}@${bootId()}` };
  } catch {
    return hasProcFileSystem() || !answersSignals(pid) ? undefined : { pid, startTime: '' };
  }
}

/** After a reboot the same ids are given at about the same ticks. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return '';
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
