/** Keeps the output of processes from filling the disk. They hold their files open, so a file is copied and then cut. */

import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

const ROTATE_MS = 10_000;

/** One log file at most, and as much again in its rotated copy. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Copies a log that has grown too long to `FILE.1` and empties it. What is written in the instant between the last look and the cut
 * is lost, as with logrotate; what is written during the copy is not.
 *
 * @returns whether the log was too long
 */
export async function rotateLog(path: string, bytesMax = LOG_BYTES_MAX): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= bytesMax) return false;
  await copyFile(path, `${path}.1`);
  cutAfterCopy(path);
  return true;
}

/** Without a pause between the two, so that the writer has microseconds to lose something in. */
function cutAfterCopy(path: string): void {
  const log = openSync(path, 'r+');
  try {
    const copied = statSync(`${path}.1`).size;
    const rest = Buffer.alloc(Math.max(0, fstatSync(log).size - copied));
    if (0 < rest.length) appendFileSync(`${path}.1`, rest.subarray(0, readSync(log, rest, 0, rest.length, copied)));
    ftruncateSync(log, 0);
  } finally {
    closeSync(log);
  }
}

/** Looks at the files every ten seconds. Returns what ends it. */
export function keepLogsBounded(
  files: () => readonly string[],
  { clock, logger }: { clock: Clock; logger: Logger },
): () => void {
  let stopped = false;
  let cancel = (): void => {};
  const turn = async (): Promise<void> => {
    for (const file of files()) {
      await rotateLog(file).catch((thrown: unknown) => {
        logger.warn({ file, error: messageOf(thrown) }, 'log not rotated');
      });
    }
    if (!stopped) next();
  };
  const next = (): void => {
    cancel = clock.after(ROTATE_MS, () => void turn());
  };
  next();
  return () => {
    stopped = true;
    cancel();
  };
}
