/**
 * Keeps the proxy's route table as a folder of manifests says: no API server, no state. Every change of the folder leads to a fresh
 * reading of all of it; a bad document never disturbs the others or the table that is served.
 */

import type { Clock } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { createFolderWatch } from './folder-watch.ts';
import { createProxyLink } from './proxy-link.ts';
import { type FolderTableOptions, readFolderTable } from './read-folder-table.ts';
import { tableItems } from './table-items.ts';

export type FileDiscoveryOptions = FolderTableOptions & {
  /** Unix socket on which the proxy's parent listens. */
  socketPath: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Called with one line per fact, whenever the facts change. */
  onFindings: (lines: readonly string[]) => void;
  /** Of a gateway: where the folder wants it to listen, whenever that is read. */
  onGatewayPorts?: (ports: readonly number[]) => void;
  /** Every worker serves the folder as it was read last. */
  onServed: (version: number) => void;
};

export type FileDiscovery = { close(): void };

/** Editors touch a file several times within a moment. */
const SETTLE_MS = 100;
/** A folder that is away is looked for again after this time. */
const REWATCH_MS = 1_000;

/** @throws SL0120 when the folder cannot be read */
export async function startFileDiscovery(options: FileDiscoveryOptions): Promise<FileDiscovery> {
  const { dir, socketPath, clock, random, logger, onFindings, onGatewayPorts, onServed } = options;
  let closed = false;
  let cancel = (): void => {};
  let findings = '';
  let reading: Promise<void> = Promise.resolve();
  const link = createProxyLink<undefined>({
    socketPath,
    clock,
    random,
    logger,
    onServed: (_, version) => onServed(version),
  });

  const refresh = async (): Promise<void> => {
    try {
      await watcher.refresh();
    } catch (thrown) {
      // Whatever comes back under this name is another folder.
      watcher.close();
      throw new SluiceError('SL0120', `The manifests folder ${dir} cannot be watched: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    }
  };

  const turn = async (): Promise<void> => {
    if (closed) return;
    await refresh();
    const { table, lines, gatewayPorts } = await readFolderTable(options);
    if (closed) return;
    onGatewayPorts?.(gatewayPorts);
    if (lines.join('\n') !== findings) onFindings(lines);
    findings = lines.join('\n');
    link.offer({ items: tableItems(table), extra: undefined });
  };

  const schedule = (delayMs: number): void => {
    cancel();
    if (closed) return;
    cancel = clock.after(delayMs, () => {
      // One after the other, so that an older reading never replaces a newer one.
      reading = reading.then(turn).catch((thrown) => {
        logger.warn({ dir, error: messageOf(thrown) }, 'folder not read');
        schedule(REWATCH_MS);
      });
    });
  };

  const watcher = createFolderWatch(dir, () => schedule(SETTLE_MS));
  const close = (): void => {
    closed = true;
    cancel();
    watcher.close();
    link.close();
  };
  try {
    await turn();
  } catch (thrown) {
    close();
    throw thrown;
  }
  return { close };
}
