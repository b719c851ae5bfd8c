/**
 * One `sluice up` per data folder. What is held is a lock of the operating system, taken through SQLite, which ends with its process
 * however that ends: no lock is ever stale, so that nobody has to decide which of two processes may remove one. A file beside it
 * names the holder, for people and for the command line.
 */

import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SluiceError } from '../../lib/errors.ts';
import { identityOf, type ProcessIdentity } from '../../lib/process-identity.ts';

export type DataLock = { release(): void };

/** Rivals that come at the same moment hinder each other for an instant; a holder stays. */
const RIVAL_PATIENCE_MS = 500;
/** What nobody refers to any more would be closed by the garbage collector, and the lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock of a data folder, creating the folder.
 *
 * @throws SluiceError SL0002 naming the process that holds it
 */
export function takeDataLock(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'lock');
  const guard = hold(join(dataDir, 'lock.guard'));
  if (guard === undefined) {
    const pid = holderIn(path)?.pid;
    const who = pid === undefined ? 'another process is taking it right now' : `process ${pid} holds it`;
    throw new SluiceError('SL0002', `The data folder ${dataDir} is in use: ${who}`);
  }
  writeHolder(path, identityOf(process.pid) ?? { pid: process.pid, startTime: '' });
  return {
    release() {
      rmSync(path, { force: true });
      held.delete(guard);
      guard.close();
    },
  };
}

/**
 * The file stays for ever and stays empty: whoever removed it would make room for a second one, under another lock.
 *
 * @returns what holds the lock until it is closed, or `undefined` when another process does
 */
function hold(path: string): DatabaseSync | undefined {
  closeSync(openSync(path, 'a', 0o600));
  const guard = new DatabaseSync(path, { timeout: RIVAL_PATIENCE_MS });
  try {
    guard.exec('BEGIN EXCLUSIVE');
    held.add(guard);
    return guard;
  } catch (thrown) {
    guard.close();
    if (isBusy(thrown)) return undefined;
    throw thrown;
  }
}

/** https://sqlite.org/rescode.html#busy, whatever its extended code says besides. */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && (Number(thrown.errcode) & 0xff) === 5;
}

/** Moved into its place, so that no reader sees half of it. */
function writeHolder(path: string, holder: ProcessIdentity): void {
  const draft = `${path}.next`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  renameSync(draft, path);
}

function holderIn(path: string): Partial<ProcessIdentity> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
  } catch {
    return undefined;
  }
}
