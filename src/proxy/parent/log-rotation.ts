/** Keeps the access log from growing without bound: a file that is too large is renamed, and the workers go on in a new one. */

import { rename, stat } from 'node:fs/promises';
import { type Clock, delay } from '../../lib/clock.ts';

/** `FILE.1` is the youngest. */
const KEPT = 3;
const CHECK_MS = 1_000;

export type LogRotationOptions = {
  file: string;
  /** A file may become larger by what is written within a second. */
  bytesMost: number;
  clock: Clock;
  /** Told that the file has been renamed. */
  onRenamed: () => void;
};

/** Looks at the size once a second until `signal` ends it. */
export async function rotateLog(options: LogRotationOptions, signal: AbortSignal): Promise<void> {
  const { file, bytesMost, clock, onRenamed } = options;
  for (;;) {
    const ended = await delay(clock, CHECK_MS, signal).then(
      () => false,
      () => true,
    );
    if (ended) return;
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size < bytesMost) continue;
    for (let age = KEPT; age > 0; age--) {
      await rename(age === 1 ? file : `${file}.${age - 1}`, `${file}.${age}`).catch(() => {});
    }
    onRenamed();
  }
}
