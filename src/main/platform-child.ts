/** A child of `sluice up`: how it is started, and how one that never gets ready is told. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../lib/errors.ts';

export type ChildName = 'control' | 'proxy';

/** Restarts heal what passes, such as a crash under load; whoever dies this often before it was ever ready will not get better. */
const EARLY_ENDS_MAX = 5;
const LAST_WORDS_MAX = 300;

/**
 * Children are in process groups of their own, so that Ctrl-C reaches the supervisor alone, which stops them in order; when the
 * supervisor is killed they notice that their channel is closed.
 */
export function forkChild(
  name: ChildName,
  args: string[],
  { dataDir, stdout }: { dataDir: string; stdout: 'log' | 'pipe' },
): ChildProcess {
  const log = openSync(logPath(dataDir, name), 'a', 0o600);
  const entry = fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  try {
    return fork(entry, args, { detached: true, stdio: ['ignore', stdout === 'log' ? log : 'pipe', log, 'ipc'] });
  } finally {
    closeSync(log);
  }
}

/**
 * Counts the ends of a child before it was first ready; to be told of every process that is started.
 *
 * @returns a function that watches one process, and calls `giveUp` with SL0012 when it is the last straw
 */
export function watchEarlyEnds(
  name: ChildName,
  dataDir: string,
  giveUp: (error: SluiceError) => void,
): (child: ChildProcess) => void {
  let ends = 0;
  return (child) =>
    child.once('exit', (code, signal) => {
      ends += 1;
      if (ends !== EARLY_ENDS_MAX) return;
      const path = logPath(dataDir, name);
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      giveUp(
        new SluiceError(
          'SL0012',
          `The ${name} process ended ${ends} times before it was ready, at last ${how}; ${path} ends with: ${lastWords(path)}`,
        ),
      );
    });
}

function logPath(dataDir: string, name: ChildName): string {
  return join(dataDir, 'log', `${name}.log`);
}

/** The last line, without the wrapping of the JSON log. */
function lastWords(path: string): string {
  const line = lastLine(path);
  try {
    const { msg, error, err } = JSON.parse(line) as { msg?: string; error?: string; err?: { message?: string } };
    return [msg, error ?? err?.message].filter(Boolean).join(': ');
  } catch {
    return line.slice(0, LAST_WORDS_MAX);
  }
}

function lastLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    return 'nothing';
  }
}
