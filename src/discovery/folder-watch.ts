/**
 * Notices of changes in a folder and all folders below it. One watcher per folder, each in force as soon as it is opened: a
 * recursive watcher is built up behind one's back on Linux, and what changes meanwhile is lost.
 */

import { type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export type FolderWatch = {
  /** Watches folders that are new, and forgets those that are gone. What is read afterwards misses no notice. */
  refresh(): Promise<void>;
  close(): void;
};

/** @param dir a folder, or one file @param onNotice something may have changed; may come several times */
export function createFolderWatch(dir: string, onNotice: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let files: ReadonlySet<string> | undefined;
  // Beside one file others may be written all the time. Mounted ones are exchanged all together, by a link `..data`.
  const isMeant = (name: string | null): boolean =>
    files === undefined || name === null || files.has(name) || name.startsWith('..');
  const forget = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const open = (folder: string): void => {
    if (watchers.has(folder)) return;
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      if (isMeant(name)) onNotice();
    });
    watchers.set(folder, watcher);
    watcher.on('error', () => {
      forget(folder);
      onNotice();
    });
  };

  return {
    async refresh() {
      // A link may lead to another file of the folder.
      files = (await stat(dir)).isDirectory()
        ? undefined
        : new Set([dir, await realpath(dir)].map((path) => basename(path)));
      const folders = await foldersOf(dir);
      for (const known of [...watchers.keys()]) if (!folders.includes(known)) forget(known);
      for (const folder of folders) open(folder);
      // A folder that came while the others were listed is found the second time.
      for (const folder of await foldersOf(dir)) open(folder);
    },
    close() {
      for (const folder of [...watchers.keys()]) forget(folder);
    },
  };
}

async function foldersOf(dir: string): Promise<string[]> {
  if (!(await stat(dir)).isDirectory()) return [dirname(dir)];
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](\.[^\\/]+|node_modules)([\\/]|$)/.test(path.slice(dir.length)));
  return [dir, ...below];
}
