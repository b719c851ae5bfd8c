/**
 * Writes objects until the disk refuses, and says what it then has in memory; run as a process of its own under a limit on the size
 * of files (`ulimit -f`), which the system enforces with a real failure of a real write.
 */

import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';

// The signal that comes with the failed write would end the process.
process.on('SIGXFSZ', () => {});

const store = new ObjectStore(openDatabase(process.argv[2] ?? ''), { clock: systemClock });
const filler = 'x'.repeat(20_000);
const codes: unknown[] = [];
let acknowledged = 0;
let heard = 0;
store.subscribe(({ version }) => {
  heard = version;
});

for (let turn = 0; turn < 1_000 && codes.length < 3; turn++) {
  const name = `object-${turn}`;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: name } };
  try {
    acknowledged = store.put('configmaps', { ...object, data: { filler } }).version;
  } catch (thrown) {
    codes.push(thrown instanceof Error && 'code' in thrown ? thrown.code : String(thrown));
  }
}

process.send?.({ acknowledged, heard, codes, version: store.version, kept: store.list('configmaps').length });
