/** Takes the steps of the workload and says which are acknowledged; run as a process of its own, to be watched or killed. */

import { writeSync } from 'node:fs';
import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';
import { CHECKPOINTS, LAST_VERSION, takeStep } from './workload.ts';

const [path = '', synchronous] = process.argv.slice(2);
const database = openDatabase(path);
// Only to show that the tests would notice.
if (synchronous !== undefined) database.exec(`PRAGMA synchronous = ${synchronous}`);
const store = new ObjectStore(database, { clock: systemClock });

while (store.version < LAST_VERSION) {
  const version = takeStep(store);
  writeSync(1, `acknowledged ${version}\n`);
  const mode = CHECKPOINTS[version];
  if (mode !== undefined) database.exec(`PRAGMA wal_checkpoint(${mode})`);
}
store.close();
