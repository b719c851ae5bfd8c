/** The store and a disk that does not do what it should: nothing is acknowledged that is not there, and memory never knows better. */

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';
import { configMap } from '../api-harness.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-store-disk-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const large = (name: string) => ({
  ...configMap(name, { uid: name, namespace: 'default' }),
  data: { filler: 'x'.repeat(50_000) },
});
const open = (database: DatabaseSync) => new ObjectStore(database, { clock: systemClock });

describe('a full disk', () => {
  test('refuses the change, tells nobody of it, and takes the next one when there is space', () => {
    const database = openDatabase(path);
    const store = open(database);
    const heard: number[] = [];
    store.subscribe(({ version }) => heard.push(version));
    store.put('configmaps', large('first'));
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {};
    database.exec(`PRAGMA max_page_count = ${Number(pages) + 2}`);

    expect(() => store.put('configmaps', large('second'))).toThrow(/full/);
    expect(() => store.put('configmaps', large('third'))).toThrow(/full/);
    expect(store.get('configmaps', { name: 'second', namespace: 'default' })).toBeUndefined();
    expect([store.version, heard, store.failure]).toEqual([1, [1], undefined]);

    database.exec('PRAGMA max_page_count = 100000');
    expect(store.put('configmaps', large('fourth')).version).toBe(2);
    expect(heard).toEqual([1, 2]);
    store.close();

    const again = open(openDatabase(path));
    expect(again.list('configmaps').map(({ object }) => object.metadata.name)).toEqual(['first', 'fourth']);
    expect(again.since('configmaps', 0).map(({ version }) => version)).toEqual([1, 2]);
    again.close();
  });

  test('does not make a change look refused that is written, when only the log cannot be shortened', () => {
    const database = openDatabase(path);
    const store = new ObjectStore(database, { clock: systemClock, limits: { entriesMax: 1, ageMsMax: 1e9 } });
    // As the disk would: whatever is deleted from the log fails.
    database.exec("CREATE TRIGGER no_space BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
    let stored = store.put('configmaps', configMap('a', { uid: 'a', namespace: 'default' }));
    for (let turn = 2; turn <= 300; turn++)
      stored = store.put('configmaps', { ...stored.object, data: { turn: `${turn}` } });
    expect([stored.version, store.version, store.floor]).toEqual([300, 300, 0]);
    store.close();
  });
});

test('a disk that fails ends all writing, and loses nothing that was acknowledged', async () => {
  const result = await writeUnderLimit();
  expect(result.acknowledged).toBeGreaterThan(3);
  expect(result.codes).toEqual(['SL0203', 'SL0203', 'SL0203']);
  // Memory, listeners and acknowledgements agree with each other …
  const { acknowledged } = result;
  expect(result).toMatchObject({ heard: acknowledged, version: acknowledged, kept: acknowledged });
  // … and with the disk, which may know of the one change more that was under way.
  const store = open(openDatabase(path));
  expect([acknowledged, acknowledged + 1]).toContain(store.version);
  expect(store.list('configmaps')).toHaveLength(store.version);
  store.close();
}, 60_000);

type Result = { acknowledged: number; heard: number; codes: string[]; version: number; kept: number };

/** The limit is of files of about a megabyte (shells count in blocks of their own size), which the write-ahead log meets first. */
async function writeUnderLimit(): Promise<Result> {
  const shell = join(folder, 'limited');
  writeFileSync(shell, `#!/bin/sh\nulimit -f 2000\nexec '${process.execPath}' "$@"\n`, { mode: 0o700 });
  const child = fork(join(import.meta.dirname, 'full-disk-writer.ts'), [path], { execPath: shell, stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as Result));
    child.once('exit', (code, signal) => reject(new Error(`The writer ended without a word: ${code ?? signal}`)));
  });
}
