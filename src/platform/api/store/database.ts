/**
 * Opens the SQLite file of the API server and refuses to work on one that would not keep what it is told: the settings are
 * read back, the file must be ours and of a version we know, and it must pass SQLite's own check.
 */

import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, SluiceError } from '../../../lib/errors.ts';

/** `SLUI` in ASCII: tells our files from those of other programs. */
const APPLICATION_ID = 0x534c5549;
const SCHEMA_VERSION = 1;
const OLDEST_SQLITE = [3, 51, 3];
const BUSY_TIMEOUT_MS = 2_000;

const SCHEMA = `
CREATE TABLE objects (
  resource TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID, STRICT;
CREATE TABLE log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  resource TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  previous TEXT
) STRICT;
CREATE INDEX log_of_resource ON log (resource, id);
`;

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
    createSchema(database);
    return database;
  } catch (thrown) {
    database?.close();
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('SL0200', `The store ${path} cannot be opened: ${messageOf(thrown)}`, { cause: thrown });
  }
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
}

function assertUndamaged(database: DatabaseSync, path: string): void {
  const findings = database.prepare('PRAGMA quick_check').all();
  const [first] = findings;
  if (findings.length === 1 && first?.quick_check === 'ok') return;
  throw new SluiceError('SL0202', `The store ${path} is damaged: ${findings.map((row) => row.quick_check).join('; ')}`);
}

function createSchema(database: DatabaseSync): void {
  if (Number(pragma(database, 'user_version')) === SCHEMA_VERSION) return;
  database.exec(`BEGIN IMMEDIATE; ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

function pragma(database: DatabaseSync, name: string): unknown {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
