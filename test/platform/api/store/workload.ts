/** What is written in the tests of broken disks: known to the writer and to who looks at what is left, version by version. */

import { systemClock } from '../../../../src/lib/clock.ts';
import type { KubeObject } from '../../../../src/lib/resource.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';

const TYPE = 'configmaps';
/** Enough for objects that are made, changed and removed, before and after both checkpoints. */
export const LAST_VERSION = 20;
/** After these versions the log of SQLite is moved into the file: once it goes on in place, once it starts from nothing. */
export const CHECKPOINTS: Readonly<Record<number, string>> = { 8: 'PASSIVE', 15: 'TRUNCATE' };

const nameAt = (version: number): string => `o-${version % 7}`;
const removes = (version: number): boolean => version % 5 === 0;

/** Takes the step to the next version. */
export function takeStep(store: ObjectStore): number {
  const version = store.version + 1;
  const name = nameAt(version);
  const found = store.get(TYPE, { namespace: 'default', name });
  if (removes(version) && found !== undefined) return store.remove(found).version;
  const metadata = { name, namespace: 'default', uid: name };
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { weight: `${version}` } };
  return store.put(TYPE, object).version;
}

/** The weights by name as they are at a version. */
export function weightsAt(version: number): Record<string, string> {
  const weights = new Map<string, string>();
  for (let step = 1; step <= version; step++) {
    const name = nameAt(step);
    if (removes(step) && weights.has(name)) weights.delete(name);
    else weights.set(name, `${step}`);
  }
  return Object.fromEntries([...weights].sort());
}

/** Says what is wrong with the store that was left behind, or nothing; what it acknowledged must be there. */
export function findFault(path: string, acknowledged: number): string | undefined {
  const database = openDatabase(path);
  try {
    const store = new ObjectStore(database, { clock: systemClock });
    const { version } = store;
    if (version < acknowledged) return `${acknowledged} was acknowledged, ${version} is there`;
    const found = JSON.stringify(weightsOf(store));
    if (found !== JSON.stringify(weightsAt(version))) return `at ${version} it holds ${found}`;
    const log = store.since(TYPE, 0).map((change) => change.version);
    if (log.join() !== Array.from({ length: version }, (_, index) => index + 1).join()) return `the log is ${log}`;
    if (takeStep(store) !== version + 1) return 'it does not go on';
    return undefined;
  } finally {
    database.close();
  }
}

function weightsOf(store: ObjectStore): Record<string, unknown> {
  return Object.fromEntries(
    store
      .list(TYPE)
      .map(({ object }) => [object.metadata.name, (object as { data?: { weight?: string } }).data?.weight]),
  );
}
