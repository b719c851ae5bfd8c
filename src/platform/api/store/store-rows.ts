/**
 * The rows of the store: objects, and the log of changes. Every row carries a checksum over all it says, because SQLite checks the
 * shape of its pages and not what is written in them: a weight that the disk changed must never be served.
 */

import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { EpochMs } from '../../../lib/clock.ts';
import { messageOf, SluiceError } from '../../../lib/errors.ts';
import type { KubeObject } from '../../../lib/resource.ts';
import type { Change, ChangeType, ResourceId, StoredObject } from './stored-object.ts';

type Row = Record<string, unknown>;

export type StoreRows = {
  /** Writes a change, log and object together; to be called in a transaction. */
  write(change: Change, at: EpochMs): void;
  /** The objects as they are now, in no order. */
  objects(): Iterable<StoredObject>;
  /** What happened to a resource after a version, oldest first. */
  since(resource: ResourceId, version: number): Change[];
  /** Drops the log up to and including an entry. */
  dropLog(upTo: number): void;
  /** The newest version ever given. */
  newest(): number;
  /** The oldest entry of the log, if it has any. */
  oldest(): number | undefined;
  /** The newest entry that is older than an instant, if there is any. */
  newestBefore(at: EpochMs): number | undefined;
};

/**
 * Reading throws SluiceError SL0202 for a row whose checksum is wrong.
 *
 * @throws SluiceError SL0202 when the tables are not what they should be
 */
export function createStoreRows(database: DatabaseSync): StoreRows {
  const statements = prepare(database);
  const changeOf = (row: Row): Change => {
    if (row.crc !== logChecksum(row)) throw damaged(database, `change ${row.id} is not what was written`);
    const resource = String(row.resource);
    return {
      type: row.type as ChangeType,
      version: Number(row.id),
      current: parseStored(resource, row.body),
      ...(row.previous === null ? {} : { previous: parseStored(resource, row.previous) }),
    };
  };
  return {
    write({ type, current, previous }, at) {
      const { resource, version, object, text: body } = current;
      const { namespace = '', name } = object.metadata;
      const entry = { id: version, at, resource, type, body, previous: previous?.text ?? null };
      statements.append.run({ ...entry, crc: logChecksum(entry) });
      if (type === 'DELETED') {
        statements.remove.run(resource, namespace, name);
        return;
      }
      const row = { resource, namespace, name, version, body };
      statements.put.run({ ...row, crc: objectChecksum(row) });
    },
    *objects() {
      for (const row of statements.objects.iterate()) {
        if (row.crc !== objectChecksum(row))
          throw damaged(database, `object ${row.namespace}/${row.name} is not what was written`);
        yield parseStored(String(row.resource), row.body);
      }
    },
    since: (resource, version) => statements.since.all(resource, version).map(changeOf),
    dropLog: (upTo) => void statements.drop.run(upTo),
    newest() {
      const row = statements.newest.get();
      // The count that SQLite keeps has no checksum: it is asked only where builds before checksums have emptied the log.
      return row === undefined ? (idOf(statements.everGiven.get()) ?? 0) : changeOf(row).version;
    },
    oldest: () => idOf(statements.oldest.get()),
    newestBefore: (at) => idOf(statements.newestBefore.get(at)),
  };
}

function prepare(database: DatabaseSync) {
  try {
    return {
      put: database.prepare(
        'INSERT OR REPLACE INTO objects VALUES ($resource, $namespace, $name, $version, $body, $crc)',
      ),
      remove: database.prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?'),
      append: database.prepare('INSERT INTO log VALUES ($id, $at, $resource, $type, $body, $previous, $crc)'),
      objects: database.prepare('SELECT * FROM objects'),
      since: database.prepare('SELECT * FROM log WHERE resource = ? AND id > ? ORDER BY id'),
      drop: database.prepare('DELETE FROM log WHERE id <= ?'),
      newest: database.prepare('SELECT * FROM log ORDER BY id DESC LIMIT 1'),
      everGiven: database.prepare(`SELECT seq AS id FROM sqlite_sequence WHERE name = 'log'`),
      oldest: database.prepare('SELECT min(id) AS id FROM log'),
      newestBefore: database.prepare('SELECT max(id) AS id FROM log WHERE at < ?'),
    };
  } catch (thrown) {
    throw damaged(database, messageOf(thrown));
  }
}

export function objectChecksum({ resource, namespace, name, version, body }: Row): number {
  return checksum([resource, namespace, name, version], body);
}

export function logChecksum({ id, at, resource, type, body, previous }: Row): number {
  return crc32(String(previous), checksum([id, at, resource, type], body));
}

function checksum(fields: readonly unknown[], body: unknown): number {
  return crc32(String(body), crc32(JSON.stringify(fields)));
}

function damaged(database: DatabaseSync, what: string): SluiceError {
  return new SluiceError('SL0202', `The store ${database.location()} is damaged: ${what}`);
}

function idOf(row: Row | undefined): number | undefined {
  return row?.id === null || row?.id === undefined ? undefined : Number(row.id);
}

function parseStored(resource: ResourceId, body: unknown): StoredObject {
  const text = String(body);
  const object = JSON.parse(text) as KubeObject;
  return { resource, object, text, version: Number(object.metadata.resourceVersion) };
}
