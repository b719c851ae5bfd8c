/** Reads what a pod has said: for `kubectl logs`, also while it goes on talking. */

import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Clock, delay } from '../../lib/clock.ts';
import { SluiceError } from '../../lib/errors.ts';

export type ReadLogOptions = {
  follow: boolean;
  /** The last so many lines. */
  tailLines?: number;
  /** Nothing, when the last output is older than this; output has no times of its own. */
  sinceSeconds?: number;
  limitBytes?: number;
  clock: Clock;
  /** Whether more may come; a follower ends when it may not and everything was read. */
  isLive: () => boolean;
  signal: AbortSignal;
};

const CHUNK_BYTES = 64 * 1024;
const FOLLOW_MS = 100;

/**
 * The bytes of a log file, from the wanted place to its end; with `follow` until the container has ended for good.
 *
 * @throws SL0290 when the file does not exist
 */
export async function* readLog(path: string, options: ReadLogOptions): AsyncGenerator<Uint8Array> {
  let budget = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let file = await openLog(path);
  try {
    let offset = await startOf(file, options);
    while (0 < budget && !options.signal.aborted) {
      const live = options.isLive();
      const chunk = await readChunk(file, offset, Math.min(budget, CHUNK_BYTES));
      if (0 < chunk.length) {
        offset += chunk.length;
        budget -= chunk.length;
        yield chunk;
        continue;
      }
      if (!options.follow || !live) return;
      await delay(options.clock, FOLLOW_MS, options.signal).catch(() => {});
      const now = await moved(file, path);
      // A restarted container writes to a new file; a rotated one starts at the beginning of the same.
      if (now === 'replaced') {
        await file.close();
        file = await openLog(path);
        offset = 0;
      } else if (now < offset) offset = 0;
    }
  } finally {
    await file.close();
  }
}

async function openLog(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    throw new SluiceError('SL0290', 'The container has no output: it has not run', { cause: thrown });
  }
}

async function startOf(file: FileHandle, { tailLines, sinceSeconds, clock }: ReadLogOptions): Promise<number> {
  const { size, mtimeMs } = await file.stat();
  if (sinceSeconds !== undefined && mtimeMs < clock.now() - sinceSeconds * 1_000) return size;
  return tailLines === undefined ? 0 : startOfTail(file, size, tailLines);
}

/** Reads backwards until `lines` line ends were seen; the one at the very end of the file ends the last line. */
async function startOfTail(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines <= 0) return size;
  let seen = 0;
  for (let end = size; 0 < end; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = await readChunk(file, start, end - start);
    for (let at = chunk.length - 1; 0 <= at; at--) {
      if (chunk[at] !== 0x0a || start + at === size - 1) continue;
      seen += 1;
      if (seen === lines) return start + at + 1;
    }
    end = start;
  }
  return 0;
}

async function readChunk(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function moved(file: FileHandle, path: string): Promise<number | 'replaced'> {
  const [ours, theirs] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return theirs !== undefined && theirs.ino !== ours.ino ? 'replaced' : ours.size;
}
