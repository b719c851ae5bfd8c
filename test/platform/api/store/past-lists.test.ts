/** A list of the past is what a list was then. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { systemClock } from '../../../../src/lib/clock.ts';
import { openDatabase } from '../../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../../src/platform/api/store/object-store.ts';
import { configMap } from '../api-harness.ts';

let folder: string;
let store: ObjectStore;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-past-'));
  store = new ObjectStore(openDatabase(join(folder, 'store.db')), { clock: systemClock });
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A few names in two namespaces, so that they come, change, go and come again. */
const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  namespace: fc.constantFrom('one', 'two'),
  removes: fc.boolean(),
});

function take({ name, namespace, removes }: { name: string; namespace: string; removes: boolean }): void {
  const found = store.get('configmaps', { name, namespace });
  if (!removes) store.put('configmaps', configMap(name, { namespace, uid: `${namespace}-${name}` }));
  else if (found !== undefined) store.remove(found);
}

const shown = (version: number, namespace?: string) =>
  store
    .listAt('configmaps', { version, ...(namespace === undefined ? {} : { namespace }) })
    .map(({ text }) => text)
    .join();

test('of any version, whatever happened since', () => {
  const law = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const past = [...steps, undefined].map((next) => {
      const { version } = store;
      const then = { version, all: shown(version), one: shown(version, 'one') };
      if (next !== undefined) take(next);
      return then;
    });
    return past.every(({ version, all, one }) => shown(version) === all && shown(version, 'one') === one);
  });
  fc.assert(law, { numRuns: 40 });
});
