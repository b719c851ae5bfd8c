/** The store and sudden death: what was acknowledged is there, what was not is there as a whole or not at all. */

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';

const KILLS = 20;

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-store-crash-'));
  path = join(folder, 'store.db');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`nothing that was acknowledged is missing after ${KILLS} kills`, async () => {
  let before = 0;
  for (let round = 1; round <= KILLS; round++) {
    // Another moment each time: from the very first acknowledgement to a few dozen later.
    const acknowledged = await writeUntilKilled(before + 1 + ((round * 7) % 31));
    const database = openDatabase(path);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const store = new ObjectStore(database, { clock: systemClock, limits: { entriesMax: 1e6, ageMsMax: 1e9 } });
    const kept = store.list('configmaps').map(({ version }) => version);
    expect(store.version).toBeGreaterThanOrEqual(acknowledged);
    // Neither gap nor double, in objects and in the log alike.
    const all = Array.from({ length: store.version }, (_, index) => index + 1);
    expect(kept.toSorted((a, b) => a - b)).toEqual(all);
    expect(store.since('configmaps', 0).map(({ version }) => version)).toEqual(all);
    before = store.version;
    store.close();
  }
}, 120_000);

/** A process that writes and says so, killed as soon as it has said that `version` is written. */
async function writeUntilKilled(version: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'store-writer.ts'), [path], { stdio: 'ignore' });
  let acknowledged = 0;
  await new Promise<void>((resolve) => {
    child.on('message', (written) => {
      acknowledged = Number(written);
      if (acknowledged === version) child.kill('SIGKILL');
    });
    child.on('exit', () => resolve());
  });
  return acknowledged;
}
