/**
 * The store and a disk that changes what was written: it is found out, or it does no harm. Never is anything served that was not
 * committed. STORE_FLIPS is how many bytes are changed, one at a time.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/lib/clock.ts';
import { SluiceError } from '../../../../src/lib/errors.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';
import { CHECKPOINTS, findFault, LAST_VERSION, takeStep } from './workload.ts';

const FLIPS = Number(process.env.STORE_FLIPS ?? 1_000);
const MEMORY = '/dev/shm';
const NOTHING = Buffer.alloc(0);

let folder: string;
let path: string;
/** A file and the log beside it: as they are while the store is open, and once it was closed. */
type Files = { db: Buffer; wal: Buffer };
let open: Files;
let closed: Files;

beforeAll(() => {
  folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'sluice-damage-'));
  path = join(folder, 'store.db');
  const database = openDatabase(path);
  const store = new ObjectStore(database, { clock: systemClock });
  while (store.version < LAST_VERSION) {
    const mode = CHECKPOINTS[takeStep(store)];
    if (mode !== undefined) database.exec(`PRAGMA wal_checkpoint(${mode})`);
  }
  // Copied while it is open: closed it would have no log.
  open = { db: readFileSync(path), wal: readFileSync(`${path}-wal`) };
  store.close();
  closed = { db: readFileSync(path), wal: NOTHING };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lay({ db, wal }: Files): void {
  rmSync(`${path}-shm`, { force: true });
  writeFileSync(path, db);
  writeFileSync(`${path}-wal`, wal);
}

/** Where what is damaged counts: the log hides what is in the file. */
const DAMAGE = {
  'the file': { of: () => closed.db, lay: (db: Buffer) => lay({ db, wal: NOTHING }) },
  'the log': { of: () => open.wal, lay: (wal: Buffer) => lay({ db: open.db, wal }) },
};
const WHERE = Object.keys(DAMAGE) as (keyof typeof DAMAGE)[];

/** @returns `undefined` when the damage was found out, or did no harm */
function harm(): string | undefined {
  try {
    return findFault(path, 0);
  } catch (thrown) {
    const isTold = thrown instanceof SluiceError && ['SL0200', 'SL0201', 'SL0202'].includes(thrown.code);
    return isTold && thrown.message.includes(path) ? undefined : String(thrown);
  }
}

test('without damage everything is there', () => {
  for (const files of [open, closed]) {
    lay(files);
    expect(findFault(path, LAST_VERSION)).toBeUndefined();
  }
});

test(`none of ${FLIPS} changed bytes does harm`, () => {
  const flip = fc.record({ where: fc.constantFrom(...WHERE), at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) });
  const law = fc.property(flip, ({ where, at, mask }) => {
    const bytes = Buffer.from(DAMAGE[where].of());
    const place = at % bytes.length;
    bytes[place] = (bytes[place] ?? 0) ^ mask;
    DAMAGE[where].lay(bytes);
    expect(harm()).toBeUndefined();
  });
  fc.assert(law, { numRuns: FLIPS });
}, 3_600_000);

test('a weight that the disk changed is found out, in objects and in the log', () => {
  const places = [...closed.db.toString('latin1').matchAll(/"weight":"(\d)/g)].map(({ index }) => index + 10);
  expect(places.length).toBeGreaterThan(10);
  for (const place of places) {
    const db = Buffer.from(closed.db);
    db[place] = (db[place] ?? 0) ^ 1;
    lay({ db, wal: NOTHING });
    expect(harm()).toBeUndefined();
  }
});

describe('a file that was cut off', () => {
  /** The page of SQLite, and what it takes in the log. */
  const steps = { 'the file': 4_096, 'the log': 4_096 + 24 };
  test.each(WHERE)('%s, after any of its pages and in their middle', (where) => {
    const whole = DAMAGE[where].of();
    for (let size = 0; size < whole.length; size += steps[where] / 2) {
      DAMAGE[where].lay(whole.subarray(0, size));
      expect(`${size}: ${harm()}`).toBe(`${size}: undefined`);
    }
  });
});

test('what is damaged says what to do, and goes on from a copy', () => {
  lay({ db: Buffer.from(closed.db).fill(0x55, 4_096), wal: NOTHING });
  expect(() => openDatabase(path)).toThrow(
    expect.objectContaining({ code: 'SL0202', message: expect.stringContaining(path) }),
  );
  lay(closed);
  expect(findFault(path, LAST_VERSION)).toBeUndefined();
});

test('a store of version 1 gets its checksums, all or nothing', () => {
  lay(closed);
  const old = new DatabaseSync(path);
  old.exec('ALTER TABLE objects DROP COLUMN crc; ALTER TABLE log DROP COLUMN crc; PRAGMA user_version = 1');
  old.exec("CREATE TRIGGER stop BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'killed here'); END");
  old.close();
  expect(() => openDatabase(path)).toThrow(/killed here/);
  const between = new DatabaseSync(path);
  expect(between.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
  expect(
    between.prepare("SELECT count(*) AS found FROM pragma_table_info('objects') WHERE name = 'crc'").get(),
  ).toEqual({
    found: 0,
  });
  between.exec('DROP TRIGGER stop');
  between.close();
  expect(findFault(path, LAST_VERSION)).toBeUndefined();
});
