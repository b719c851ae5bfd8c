/** Keeps the output of a pod from filling the disk. The pod holds the file open, so it is copied and then cut. */

import { copyFile, stat, truncate } from 'node:fs/promises';

/** One log file at most, and as much again in its rotated copy. */
export const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** Copies a log that has grown too long to `FILE.1` and empties it. What is written in between is lost, as with logrotate. */
export async function rotateLog(path: string, bytesMax = LOG_BYTES_MAX): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= bytesMax) return false;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
  return true;
}
