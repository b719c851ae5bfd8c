/**
 * Opens the SQLite file of the API server and refuses to work on one that would not keep what it is told: the settings are
 * read back, the file must be ours and of a version we know, and it must pass SQLite's own check.
 */

import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, SluiceError } from '../../../lib/errors.ts';
import { APPLICATION_ID, bringSchema, SCHEMA_VERSION } from './store-schema.ts';

const OLDEST_SQLITE = [3, 51, 3];
const BUSY_TIMEOUT_MS = 2_000;

/**
 * @throws SluiceError SL0200 when the file cannot be opened with the settings that durability needs, SL0201 when it belongs to
 * another program or a newer version, SL0202 when it is damaged
 */
export function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makePrivate(path);
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    assertSqliteVersion(database);
    assertOwnership(database, path);
    configure(database);
    assertUndamaged(database, path);
    bringSchema(database, Number(pragma(database, 'user_version')));
    return database;
  } catch (thrown) {
    database?.close();
    if (thrown instanceof SluiceError) throw thrown;
    const code = isCorrupt(thrown) ? 'SL0202' : 'SL0200';
    throw new SluiceError(code, `The store ${path} cannot be opened: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** https://sqlite.org/rescode.html#corrupt, whatever its extended code says besides. */
function isCorrupt(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && (Number(thrown.errcode) & 0xff) === 11;
}

/** There are secrets in it. SQLite gives the files beside it the same mode. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function assertSqliteVersion(database: DatabaseSync): void {
  const found = String(database.prepare('SELECT sqlite_version() AS version').get()?.version);
  const parts = found.split('.').map(Number);
  const difference = OLDEST_SQLITE.map((part, index) => (parts[index] ?? 0) - part).find((delta) => delta !== 0) ?? 0;
  if (difference < 0) {
    throw new SluiceError('SL0200', `SQLite must be ${OLDEST_SQLITE.join('.')} or newer: found ${found}`);
  }
}

/** A file without tables is new; any other must carry our mark, before a single setting of it is changed. */
function assertOwnership(database: DatabaseSync, path: string): void {
  const tables = Number(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count);
  if (tables === 0) return;
  const applicationId = pragma(database, 'application_id');
  const version = Number(pragma(database, 'user_version'));
  if (applicationId !== APPLICATION_ID) {
    throw new SluiceError('SL0201', `${path} is not a store of Sluice: its application id is ${applicationId}`);
  }
  if (version > SCHEMA_VERSION) {
    throw new SluiceError(
      'SL0201',
      `${path} was written by a newer Sluice: its schema is ${version}, this one knows ${SCHEMA_VERSION}`,
    );
  }
}

function configure(database: DatabaseSync): void {
  const settings = [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['mmap_size', 0],
  ] as const;
  for (const [name, expected] of settings) {
    database.exec(`PRAGMA ${name} = ${expected}`);
    const found = pragma(database, name) ?? 0;
    if (found !== expected) throw new SluiceError('SL0200', `SQLite must run with ${name}=${expected}: found ${found}`);
  }
  // A file that SQLite only reads, whoever decided that, is told of now and not at the first change.
  database.exec(`BEGIN; PRAGMA user_version = ${pragma(database, 'user_version')}; ROLLBACK`);
}

function assertUndamaged(database: DatabaseSync, path: string): void {
  // Not the quick check: that one does not see an index that lost an entry, and a watch would never tell of the change.
  const findings = database.prepare('PRAGMA integrity_check').all();
  const [first] = findings;
  if (findings.length === 1 && first?.integrity_check === 'ok') return;
  const found = findings.map(({ integrity_check }) => integrity_check).join('; ');
  throw new SluiceError('SL0202', `The store ${path} is damaged: ${found}`);
}

function pragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
