import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFolderWatch, type FolderWatch } from '../../src/discovery/folder-watch.ts';

const soon = { timeout: 30_000, interval: 10 };

describe('one file', () => {
  let folder: string;
  let file: string;
  let watch: FolderWatch;
  let notices: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-watch-'));
    file = join(folder, 'mesh.yaml');
    await writeFile(file, 'a: 1');
    notices = 0;
    watch = createFolderWatch(file, () => {
      notices++;
    });
    await watch.refresh();
  });
  afterEach(async () => {
    watch.close();
    await rm(folder, { recursive: true });
  });

  test('is heard of when it changes, and not when others beside it do', async () => {
    for (let count = 0; count < 50; count++) await writeFile(join(folder, 'access.log'), `line ${count}`);
    await writeFile(file, 'a: 2');
    // Notices come in the order of the changes, so that those of the other file would have come before.
    await vi.waitFor(() => expect(notices).toBeGreaterThan(0), soon);
    expect(notices).toBeLessThan(10);
  });

  test('is heard of when it is one of several that are exchanged by a link', async () => {
    await mkdir(join(folder, '..2026'));
    await symlink('..2026', join(folder, '..data'));
    await vi.waitFor(() => expect(notices).toBeGreaterThan(0), soon);
  });
});
