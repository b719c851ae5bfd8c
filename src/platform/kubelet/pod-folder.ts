/**
 * What is kept of a pod on disk, so that pods outlive the platform: one folder per pod, with its output and the record by which a
 * restarted kubelet finds its process again. Names of folders hold the uid, so that a recreated pod never meets its ancestor.
 */

import { mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../../lib/process-identity.ts';
import type { ListenPorts, TerminatedState } from './pod.ts';

export type PodRecord = {
  uid: string;
  namespace: string;
  name: string;
  podIP: string;
  listen: ListenPorts;
  /** When the pod was first taken on, RFC 3339. */
  startTime: string;
  gracePeriodSeconds: number;
  container: string;
  restartCount: number;
  /** Ends in a row that are backed off from; a long life starts the count anew. */
  crashes: number;
  process?: ProcessIdentity & { startedAt: string };
  lastState?: TerminatedState;
};

export type PodFolder = {
  readonly path: string;
  /** The newest output of the container. */
  readonly logFile: string;
  /** What the container said before its last restart. */
  readonly previousLogFile: string;
  save(record: PodRecord): void;
  /** A file descriptor for the output of a new process; what the one before said moves aside. */
  openLog(): number;
  remove(): void;
};

export function podFolder(
  podsDir: string,
  { namespace, name, uid, container }: Pick<PodRecord, 'namespace' | 'name' | 'uid' | 'container'>,
): PodFolder {
  const path = join(podsDir, `${namespace}_${name}_${uid}`);
  const logFile = join(path, `${container}.log`);
  const previousLogFile = join(path, `${container}.previous.log`);
  return {
    path,
    logFile,
    previousLogFile,
    save(record) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      const next = join(path, 'record.json.next');
      writeFileSync(next, JSON.stringify(record), { mode: 0o600 });
      renameSync(next, join(path, 'record.json'));
    },
    openLog() {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      try {
        renameSync(logFile, previousLogFile);
      } catch {
        // The first process of this pod.
      }
      // Append: what is written after a truncation starts at the new beginning.
      return openSync(logFile, 'a', 0o600);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The records of all pods that were taken on; unreadable ones (a crash while the disk was full) are left out. */
export function readPodRecords(podsDir: string): PodRecord[] {
  const records: PodRecord[] = [];
  for (const folder of folders(podsDir)) {
    try {
      records.push(JSON.parse(readFileSync(join(podsDir, folder, 'record.json'), 'utf8')));
    } catch {}
  }
  return records;
}

function folders(podsDir: string): string[] {
  try {
    return readdirSync(podsDir);
  } catch {
    return [];
  }
}
