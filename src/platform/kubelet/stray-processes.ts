/**
 * Processes of pods that no record leads to: the platform was killed between starting one and writing it down, or a process left
 * its group and outlived its pod. They are known by a variable of their environment, which children inherit (proc(5), `environ`).
 */

import { readdirSync, readFileSync } from 'node:fs';

/** Names the pod in the environment of its processes: the folder of all pods, and the uid. */
export const POD_MARK = 'SLUICE_POD';

export function podMark(podsDir: string, uid: string): string {
  return `${podsDir}#${uid}`;
}

/**
 * Kills what carries the mark of a pod of `podsDir` of which no process is known to run.
 *
 * @param knownUids pods whose recorded process runs: what they started is theirs to end
 * @returns ids of the killed processes; none where there is no /proc
 */
export function killStrays(podsDir: string, knownUids: ReadonlySet<string>): number[] {
  return processIds().filter((pid) => {
    const uid = markedUid(pid, podsDir);
    return uid !== undefined && !knownUids.has(uid) && kill(pid);
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** The pod whose mark a process carries; processes of other users cannot be read, and are none of ours. */
function markedUid(pid: number, podsDir: string): string | undefined {
  const start = `${POD_MARK}=${podMark(podsDir, '')}`;
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return environment.find((variable) => variable.startsWith(start))?.slice(start.length);
  } catch {
    return undefined;
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
