/** All manifests of a folder, in an order that does not depend on the file system. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { messageOf, SluiceError } from '../../lib/errors.ts';
import type { ManifestProblem } from './manifest.ts';
import type { ManifestCache } from './manifest-cache.ts';
import { type ParsedManifests, parseManifests } from './parse-manifests.ts';

const ENDINGS = /\.(ya?ml|json)$/;

/**
 * Reads `dir` and everything below it, hidden files and folders left out; `dir` may also be one file. A file that cannot be read is a
 * problem of its own.
 *
 * @param cache of earlier readings of the same folder
 * @throws SL0120 when `dir` itself cannot be read
 */
export async function readManifests(dir: string, cache?: ManifestCache): Promise<ParsedManifests> {
  const files = await filesOf(dir);
  const parsed = await Promise.all(
    files.map((path) => {
      const read = () => readOne(path, relative(dir, path) || basename(path));
      return cache === undefined ? read() : cache.of(path, read);
    }),
  );
  cache?.turn();
  return {
    documents: parsed.flatMap(({ documents }) => documents),
    problems: parsed.flatMap(({ problems }) => problems),
  };
}

async function filesOf(dir: string): Promise<string[]> {
  try {
    if ((await stat(dir)).isFile()) return [dir];
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && ENDINGS.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) =>
          !relative(dir, path)
            .split(/[\\/]/)
            .some((part) => part.startsWith('.') || part === 'node_modules'),
      )
      .sort();
  } catch (thrown) {
    throw new SluiceError('SL0120', `The manifests folder ${dir} cannot be read: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}

async function readOne(path: string, file: string): Promise<ParsedManifests> {
  try {
    return parseManifests(file, await readFile(path, 'utf8'));
  } catch (thrown) {
    const problem: ManifestProblem = {
      file,
      line: 1,
      column: 1,
      path: '',
      message: `cannot be read: ${messageOf(thrown)}`,
    };
    return { documents: [], problems: [problem] };
  }
}
