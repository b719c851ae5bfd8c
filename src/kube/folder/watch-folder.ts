/**
 * Keeps an API server as a folder of manifests says: applies it, and again what changes in it. Every change of the folder leads to a
 * fresh reading of all of it, so a notice that is lost or comes twice costs nothing.
 */

import { realpath } from 'node:fs/promises';
import { backoffMs } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { messageOf, SluiceError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeClient } from '../kube-client.ts';
import { createFolderPass, type FolderReport } from './folder-pass.ts';
import { watchTree } from './watch-tree.ts';

export type WatchFolderOptions = {
  client: KubeClient;
  /** A folder, or a single file. */
  dir: string;
  /** Told what happened to each document, once per change of the outcome. */
  onReport: (report: FolderReport) => void;
  clock: Clock;
  logger: Logger;
  /** Ends the watch. */
  signal: AbortSignal;
};

// Editors and version control touch many files, and each of them several times, within a moment.
const SETTLE_MS = 150;
const RETRY = { baseMs: 500, maxMs: 15_000, jitter: 0 };

/**
 * Applies the folder and goes on watching it until the signal is aborted.
 *
 * @returns after the first pass over the whole folder, whatever its outcome
 * @throws SL0120 when there is no such folder
 */
export async function watchFolder({ client, dir, onReport, clock, logger, signal }: WatchFolderOptions): Promise<void> {
  const pass = createFolderPass({ client, dir, folderPath: await existing(dir), onReport, clock, signal });
  let cancelTimer = () => {};
  let attempts = 0;
  let working: Promise<void> = Promise.resolve();

  const schedule = (delayMs: number): void => {
    cancelTimer();
    if (!signal.aborted) cancelTimer = clock.after(delayMs, run);
  };

  const run = (): void => {
    working = working.then(runOnce);
  };

  const runOnce = async (): Promise<void> => {
    if (signal.aborted) return;
    let again: boolean;
    try {
      await tree.refresh();
      again = (await pass()).again;
    } catch (thrown) {
      if (signal.aborted) return;
      logger.warn({ dir, error: messageOf(thrown) }, 'folder not applied');
      again = true;
    }
    if (again) schedule(backoffMs(RETRY, attempts++, 0));
    else attempts = 0;
  };

  const onNotice = (): void => {
    attempts = 0;
    schedule(SETTLE_MS);
  };

  const tree = watchTree({
    path: dir,
    onNotice,
    onTrouble(thrown) {
      logger.warn({ dir, error: messageOf(thrown) }, 'folder cannot be watched');
      schedule(RETRY.maxMs);
    },
  });

  const onAbort = (): void => {
    cancelTimer();
    tree.close();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  run();
  await working;
}

async function existing(dir: string): Promise<string> {
  try {
    return await realpath(dir);
  } catch (thrown) {
    throw new SluiceError('SL0120', `The manifests folder ${dir} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
