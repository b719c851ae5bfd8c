/**
 * Keeps the proxy's route table as a folder of manifests says: no API server, no state. Every change of the folder leads to a fresh
 * reading of all of it; a bad document never disturbs the others or the table that is served.
 */

import { type Clock, delay } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { MeshSettings } from '../mesh/schema/mesh-config.ts';
import { FolderMemos } from './folder-memos.ts';
import { createFolderWatch } from './folder-watch.ts';
import { createNameResolver, type NameResolverOptions } from './name-resolver.ts';
import { createProxyLink } from './proxy-link.ts';
import { type FolderTable, type FolderTableOptions, readFolderTable } from './read-folder-table.ts';
import { tableItems } from './table-items.ts';

export type FileDiscoveryOptions = Omit<FolderTableOptions, 'lookup' | 'meshBefore'> & {
  /** Asks for the addresses of a DNS name. */
  resolve: NameResolverOptions['resolve'];
  /** Unix socket on which the proxy's parent listens. */
  socketPath: string;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Called with one line per fact, whenever the facts change. */
  onFindings: (lines: readonly string[]) => void;
  /** Of a gateway: where the folder wants it to listen, whenever that is read. */
  onGatewayPorts?: (ports: readonly number[]) => void;
  /** Called with the mesh settings whenever they are read. */
  onMesh?: (settings: MeshSettings) => void;
  /** Every worker serves the folder as it was read last. */
  onServed: (version: number) => void;
};

export type FileDiscovery = { close(): void };

/** Editors touch a file several times within a moment. */
const SETTLE_MS = 100;
/** A folder that is away is looked for again after this time. */
const REWATCH_MS = 1_000;
/** How long a table waits for the addresses of names; without them it goes out, and another follows. */
const FIRST_ANSWERS_MS = 2_000;

/** @throws SL0120 when the folder cannot be read */
export async function startFileDiscovery(options: FileDiscoveryOptions): Promise<FileDiscovery> {
  const { dir, meshPath, socketPath, resolve, clock, random, logger, onFindings, onGatewayPorts, onMesh, onServed } =
    options;
  let closed = false;
  let cancel = (): void => {};
  let findings = '';
  let trouble = '';
  let reading: Promise<void> = Promise.resolve();
  const link = createProxyLink<undefined>({
    socketPath,
    clock,
    random,
    logger,
    onServed: (_, version) => onServed(version),
  });

  const refresh = async (): Promise<void> => {
    await folderWatch.refresh().catch((thrown) => {
      // Whatever comes back under this name is another folder.
      folderWatch.close();
      throw new SluiceError('SL0120', `The manifests folder ${dir} cannot be watched: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    });
    // What these said stays in force while they are away.
    await meshWatch?.refresh().catch(() => schedule(REWATCH_MS));
  };

  const resolver = createNameResolver({ resolve, clock, logger, onChange: () => schedule(SETTLE_MS) });

  let meshBefore: MeshSettings | undefined;
  const memos = new FolderMemos(() => clock.now());
  let followed: ReadonlySet<string> = new Set();
  /** Names that are new are waited for, a little, lest the first table has services without endpoints. */
  const readResolved = async (): Promise<FolderTable> => {
    const names = new Set<string>();
    const lookup = (name: string): readonly string[] => {
      names.add(name);
      return resolver.addressesOf(name);
    };
    const read = await readFolderTable({ ...options, meshBefore, lookup }, memos);
    meshBefore = read.mesh;
    const isKnown = names.isSubsetOf(followed);
    followed = names;
    const answered = resolver.follow(names);
    if (isKnown) return read;
    await Promise.race([answered, delay(clock, FIRST_ANSWERS_MS)]);
    return readFolderTable({ ...options, meshBefore, lookup }, memos);
  };

  const turn = async (): Promise<void> => {
    if (closed) return;
    await refresh();
    const { table, lines, gatewayPorts, mesh } = await readResolved();
    if (closed) return;
    onGatewayPorts?.(gatewayPorts);
    onMesh?.(mesh);
    if (lines.join('\n') !== findings) onFindings(lines);
    findings = lines.join('\n');
    trouble = '';
    link.offer({ items: tableItems(table), extra: undefined });
  };

  const schedule = (delayMs: number): void => {
    cancel();
    if (closed) return;
    cancel = clock.after(delayMs, () => {
      // One after the other, so that an older reading never replaces a newer one.
      reading = reading.then(turn).catch((thrown) => {
        if (messageOf(thrown) !== trouble) logger.warn({ dir, error: messageOf(thrown) }, 'folder not read');
        trouble = messageOf(thrown);
        schedule(REWATCH_MS);
      });
    });
  };

  const folderWatch = createFolderWatch(dir, () => schedule(SETTLE_MS));
  const meshWatch = meshPath === undefined ? undefined : createFolderWatch(meshPath, () => schedule(SETTLE_MS));
  const close = (): void => {
    closed = true;
    cancel();
    folderWatch.close();
    meshWatch?.close();
    resolver.close();
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
