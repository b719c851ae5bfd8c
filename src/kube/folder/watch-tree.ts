/**
 * Notices of changes in a folder and everything below it. Folders are watched, never files, and each by a watcher of its own: Node's
 * recursive watch on Linux follows files by inode, and loses those that an editor saves by renaming a new file over the old one.
 */

import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type TreeWatch = {
  /** Watches folders that came, and forgets those that went; to be called before the tree is read. */
  refresh(): Promise<void>;
  close(): void;
};

export type TreeWatchOptions = {
  /** A folder, or a file, whose folder is then watched. */
  path: string;
  /** Something may have changed. */
  onNotice: () => void;
  /** A folder cannot be watched, or not any more; the next `refresh` tries again. */
  onTrouble: (thrown: unknown) => void;
};

/** Watches nothing before the first `refresh`. */
export function watchTree({ path, onNotice, onTrouble }: TreeWatchOptions): TreeWatch {
  const watchers = new Map<string, FSWatcher>();

  const drop = (identity: string): void => {
    watchers.get(identity)?.close();
    watchers.delete(identity);
  };

  const open = (folder: string, identity: string): void => {
    try {
      const watcher = watch(folder, { persistent: false }, onNotice);
      watchers.set(identity, watcher);
      watcher.on('error', (thrown) => {
        if (watchers.get(identity) !== watcher) return;
        drop(identity);
        onTrouble(thrown);
      });
    } catch (thrown) {
      onTrouble(thrown);
    }
  };

  return {
    async refresh() {
      const isFile = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      );
      const wanted = isFile ? await folderOnly(dirname(path)) : await foldersOf(path);
      for (const identity of [...watchers.keys()]) if (!wanted.has(identity)) drop(identity);
      for (const [identity, folder] of wanted) if (!watchers.has(identity)) open(folder, identity);
    },
    close() {
      for (const identity of [...watchers.keys()]) drop(identity);
    },
  };
}

async function folderOnly(folder: string): Promise<ReadonlyMap<string, string>> {
  return new Map([[`${folder} ${(await stat(folder)).ino}`, folder]]);
}

/**
 * Paths of the folders by identity: one that took the place of another under the same name needs a watcher of its own. Hidden folders
 * and dependencies hold no manifests.
 */
async function foldersOf(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { ino } = await stat(path);
    const entries = await readdir(path, { withFileTypes: true });
    const below = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(({ name }) => foldersOf(join(path, name)));
    return new Map([[`${path} ${ino}`, path], ...(await Promise.all(below)).flatMap((folders) => [...folders])]);
  } catch {
    // Moved away for the moment, perhaps; who reads the tree says so.
    return new Map();
  }
}
