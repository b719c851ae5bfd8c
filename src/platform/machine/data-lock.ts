/**
 * One `sluice up` per data folder. The lock is a file that names its holder by process id and start time, so that the lock of a
 * killed holder is free, and a recycled process id does not hold it.
 */

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../lib/errors.ts';
import { identityOf, isRunning, type ProcessIdentity } from '../../lib/process-identity.ts';

export type DataLock = { release(): void };

/**
 * Takes the lock of a data folder, creating the folder.
 *
 * @throws SluiceError SL0002 naming the process that holds it
 */
export function takeDataLock(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'lock');
  const own = identityOf(process.pid) ?? { pid: process.pid, startTime: '' };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    claim(draft, path, dataDir);
  } finally {
    rmSync(draft, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

/** `link` fails when the name exists, which makes taking the lock one atomic step. */
function claim(draft: string, path: string, dataDir: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(draft, path);
      return;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    const holder = readHolder(path);
    if (holder !== undefined && isRunning(holder)) {
      throw new SluiceError('SL0002', `The data folder ${dataDir} is in use: process ${holder.pid} holds it`);
    }
    setAside(path, `${draft}.aside`);
  }
  throw new SluiceError('SL0002', `The data folder ${dataDir} is in use: another process is taking it right now`);
}

/**
 * Removes the lock of a dead holder. Moved before it is judged again: between reading and removing, another process may have put
 * its own lock there, which is given back.
 */
function setAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return;
  }
  const holder = readHolder(aside);
  try {
    if (holder !== undefined && isRunning(holder)) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}
