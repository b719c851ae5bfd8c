/** Keeps the output of a pod from filling the disk. The pod holds the file open, so it is copied and then cut. */

import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';

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
