/**
 * Begins a deletion that takes others with it and dies in the middle, by its own hand and at once; run as a process of its own over
 * an empty store. Arguments: the file of the store, and what is deleted.
 */

import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import type { KubeObject } from '../../../src/lib/resource.ts';
import { builtinKinds } from '../../../src/platform/api/builtin/builtin-kinds.ts';
import { KindRegistry } from '../../../src/platform/api/kind-registry.ts';
import { GarbageCollector } from '../../../src/platform/api/lifecycle/garbage-collector.ts';
import { openDatabase } from '../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../src/platform/api/store/object-store.ts';
import { deleteObject } from '../../../src/platform/api/write/delete.ts';
import { BACKGROUND } from '../../../src/platform/api/write/delete-options.ts';

const DEPENDENTS = 40;
const DIES_AFTER = 15;

const [path = '', what] = process.argv.slice(2);
const store = new ObjectStore(openDatabase(path), { clock: systemClock });
const kinds = new KindRegistry(builtinKinds());
const context = { store, kinds, clock: systemClock, random: Math.random, logger: silentLogger };
const inShop = (name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', uid: name, ...more },
});

const shop = store.put('namespaces', {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', uid: 'shop' },
  spec: { finalizers: ['kubernetes'] },
});
const owner = store.put('configmaps', inShop('owner'));
const ownerReferences = [
  { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'owner', blockOwnerDeletion: true },
];
for (let turn = 0; turn < DEPENDENTS; turn++) store.put('configmaps', inShop(`dependent-${turn}`, { ownerReferences }));

let deleted = 0;
store.subscribe(({ type }) => {
  if (type === 'DELETED') deleted++;
  if (deleted === DIES_AFTER) process.kill(process.pid, 'SIGKILL');
});
new GarbageCollector(context);
const live = what === 'namespace' ? shop : owner;
const kind = kinds.ofResource(live.resource);
const propagation = what === 'foreground' ? 'Foreground' : 'Background';
if (kind !== undefined) deleteObject(context, { kind, live, options: { ...BACKGROUND, propagation } });
