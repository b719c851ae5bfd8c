/** Writes objects one by one and names each after its commit has returned; run as a process of its own, to be killed. */

import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';

const store = new ObjectStore(openDatabase(process.argv[2] ?? ''), { clock: systemClock });

function writeOne(): void {
  const name = `object-${store.version + 1}`;
  const { version } = store.put('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', uid: name },
  });
  process.send?.(version, undefined, undefined, () => setImmediate(writeOne));
}

writeOne();
