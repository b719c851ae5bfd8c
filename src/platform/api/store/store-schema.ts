/** The tables of the store, made at once and brought from an older version to this one at once: a kill leaves the old or the new. */

import type { DatabaseSync } from 'node:sqlite';
import { logChecksum, objectChecksum } from './store-rows.ts';

/** `SLUI` in ASCII: tells our files from those of other programs. */
export const APPLICATION_ID = 0x534c5549;
export const SCHEMA_VERSION = 2;

const TABLES = `
CREATE TABLE objects (
  resource TEXT NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  crc INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (resource, namespace, name)
) WITHOUT ROWID, STRICT;
CREATE TABLE log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  resource TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  previous TEXT,
  crc INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX log_of_resource ON log (resource, id);
PRAGMA application_id = ${APPLICATION_ID};
`;

/** Version 1 knew no checksums. */
const ADD_CHECKSUMS = `
ALTER TABLE objects ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
UPDATE objects SET crc = object_checksum(resource, namespace, name, version, body);
UPDATE log SET crc = log_checksum(id, at, resource, type, body, previous);
`;

/** @param found the version of the file: 0 for a new one */
export function bringSchema(database: DatabaseSync, found: number): void {
  if (found === SCHEMA_VERSION) return;
  database.function('object_checksum', (resource, namespace, name, version, body) =>
    objectChecksum({ resource, namespace, name, version, body }),
  );
  database.function('log_checksum', (id, at, resource, type, body, previous) =>
    logChecksum({ id, at, resource, type, body, previous }),
  );
  const change = found === 0 ? TABLES : ADD_CHECKSUMS;
  database.exec(`BEGIN IMMEDIATE; ${change} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}
