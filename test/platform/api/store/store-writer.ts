/** Writes objects one by one and reports how many there are after each; run as a process of its own, to be killed. */

import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';

const store = new ObjectStore(openDatabase(process.argv[2] ?? ''), { clock: systemClock });

function writeOne(): void {
  const name = `object-${store.version}`;
  store.put('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: name } });
  process.send?.(store.list('configmaps').length, undefined, undefined, () => setImmediate(writeOne));
}

writeOne();
