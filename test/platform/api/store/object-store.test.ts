import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { configMap } from '../api-harness.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const named = (name: string, uid = name) => configMap(name, { uid, namespace: 'default' });
const open = (clock = new FakeClock(1_000), limits = { entriesMax: 100, ageMsMax: 1_000 }) =>
  new ObjectStore(openDatabase(path), { clock, limits });

describe('the store', () => {
  test('numbers every change, and gives the number to the object', () => {
    const store = open();
    const first = store.put('configmaps', named('a'));
    const second = store.put('configmaps', { ...first.object, data: {} });
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second.object.metadata.resourceVersion).toBe('2');
    expect(store.remove(second).version).toBe(3);
    expect(store.version).toBe(3);
    store.close();
  });

  test('never gives a number twice, however short the log was made before a restart', async () => {
    const clock = new FakeClock(1_000);
    const store = open(clock);
    store.remove(store.put('configmaps', named('a')));
    await clock.advance(5_000);
    store.compact();
    expect(store.floor).toBe(1);
    store.close();
    const again = open(clock);
    expect([again.version, again.floor]).toEqual([2, 1]);
    expect(again.put('configmaps', named('b')).version).toBe(3);
    again.close();
  });

  test('tells what happened since a version, with what was before', () => {
    const store = open();
    const a = store.put('configmaps', named('a'));
    store.put('secrets', named('other'));
    store.put('configmaps', { ...a.object, data: { key: 'new' } });
    const changes = store.since('configmaps', 1);
    expect(changes.map(({ type, version }) => [type, version])).toEqual([['MODIFIED', 3]]);
    expect(changes[0]?.previous?.object.data).toEqual({ key: 'value' });
    store.close();
  });

  test('keeps a bounded number of changes', () => {
    const store = open(new FakeClock(1_000), { entriesMax: 10, ageMsMax: 1_000_000 });
    let stored = store.put('configmaps', named('a'));
    for (let turn = 0; turn < 600; turn++)
      stored = store.put('configmaps', { ...stored.object, data: { turn: `${turn}` } });
    expect(store.version - store.floor).toBeLessThanOrEqual(10 + 256);
    expect(store.since('configmaps', store.floor)).toHaveLength(store.version - store.floor);
    store.close();
  });

  test('knows who depends on whom after a restart', () => {
    const store = open();
    store.put('configmaps', named('owner'));
    store.put('configmaps', {
      ...named('child'),
      metadata: {
        ...named('child').metadata,
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'owner' }],
      },
    });
    store.close();
    const again = open();
    expect(again.dependentsOf('owner').map(({ object }) => object.metadata.name)).toEqual(['child']);
    again.close();
  });
});

describe('the database', () => {
  test('runs with the settings that durability needs', () => {
    const database = openDatabase(path);
    const read = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(['journal_mode', 'synchronous', 'foreign_keys', 'mmap_size'].map(read)).toEqual(['wal', 2, 1, 0]);
    database.close();
  });

  test.each([
    ['of another program', 'CREATE TABLE foreign_table (a)', 'SL0201', /not a store of Sluice/],
    [
      'of a newer version',
      'CREATE TABLE t (a); PRAGMA application_id = 0x534c5549; PRAGMA user_version = 99',
      'SL0201',
      /newer Sluice: its schema is 99, this one knows \d/,
    ],
  ])('refuses a file %s', (_, sql, code, message) => {
    const foreign = new DatabaseSync(path);
    foreign.exec(sql);
    foreign.close();
    expect(() => openDatabase(path)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test('refuses a file that is no database', () => {
    writeFileSync(path, 'this is not a database at all, whatever its name says'.repeat(20));
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: 'SL0200' }));
  });

  test('refuses to share the file with another writer in the middle of something', () => {
    const first = openDatabase(path);
    first.exec('BEGIN EXCLUSIVE');
    const second = new DatabaseSync(path, { timeout: 0 });
    expect(() => second.exec('BEGIN IMMEDIATE')).toThrow(/locked/);
    second.close();
    first.exec('ROLLBACK');
    first.close();
  });
});
