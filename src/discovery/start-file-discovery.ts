/**
 * Keeps the proxy's route table as a folder of manifests says: no API server, no state. Every change of the folder leads to a fresh
 * reading of all of it; a bad document never disturbs the others or the table that is served.
 */

import { formatProblem } from '../kube/folder/manifest.ts';
import { readManifests } from '../kube/folder/read-manifests.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf, SluiceError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeObject } from '../lib/resource.ts';
import { compileTable } from '../mesh/compile/compile-table.ts';
import type { Caller } from '../mesh/compile/mesh-input.ts';
import type { TableIssue } from '../mesh/compile/table-issue.ts';
import { createFolderWatch } from './folder-watch.ts';
import { gatherMesh } from './gather-mesh.ts';
import { createProxyLink } from './proxy-link.ts';
import { tableItems } from './table-items.ts';

export type FileDiscoveryOptions = {
  /** A folder, or one file. */
  dir: string;
  socketPath: string;
  /** For whom the table is made. */
  caller: Caller;
  /** Leaves out resources with unknown fields, too. */
  strict: boolean;
  clock: Clock;
  random: () => number;
  logger: Logger;
  /** Called with one line per fact, whenever the facts change. */
  onFindings: (lines: readonly string[]) => void;
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
  const { dir, socketPath, clock, random, logger, onFindings, onServed } = options;
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
    const { table, lines } = await readTable(options);
    if (closed) return;
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

async function readTable({ dir, caller, strict }: FileDiscoveryOptions) {
  const { documents, problems } = await readManifests(dir);
  const objects = documents.map(({ object }, index) => aged(object, { index, namespace: caller.namespace }));
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const gathered = gatherMesh({
    services: ofKind('Service'),
    endpointSlices: ofKind('EndpointSlice'),
    virtualServices: ofKind('VirtualService'),
    destinationRules: ofKind('DestinationRule'),
    serviceEntries: ofKind('ServiceEntry'),
    strict,
    pod: () => undefined,
    replicaSet: () => undefined,
    node: () => undefined,
  });
  const { table, issues } = compileTable({ ...gathered.input, caller });
  return { table, lines: [...problems.map(formatProblem), ...[...gathered.issues, ...issues].map(lineOf)] };
}

// The age of what was never created anywhere is its place in the folder, behind everything that has one.
function aged(object: KubeObject, { index, namespace }: { index: number; namespace: string | undefined }): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      namespace: metadata.namespace ?? namespace ?? 'default',
      creationTimestamp: metadata.creationTimestamp ?? `~${String(index).padStart(9, '0')}`,
    },
  };
}

function lineOf({ level, code, kind, namespace, name, path, message }: TableIssue): string {
  return `${level} ${code} ${kind} ${namespace}/${name}: ${path}: ${message}`;
}
