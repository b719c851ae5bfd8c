/** A server that died in the middle of a deletion that takes others with it: the next one finishes it. */

import { fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { openDatabase } from '../../../src/platform/api/store/database.ts';
import { ObjectStore } from '../../../src/platform/api/store/object-store.ts';
import { startHarness } from './api-harness.ts';

const MAPS = '/api/v1/namespaces/shop/configmaps';

test.each([
  ['an owner', 'background', 200],
  ['an owner in the foreground', 'foreground', 200],
  ['a namespace', 'namespace', 404],
])('the deletion of %s goes on where kill -9 ended it', async (_, what, namespaceStatus) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-gc-crash-'));
  const path = join(dataDir, 'store.db');
  const child = fork(join(import.meta.dirname, 'gc-victim.ts'), [path, what], { stdio: 'ignore' });
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');

  const before = new ObjectStore(openDatabase(path), { clock: systemClock });
  const left = before.list('configmaps', 'shop').length;
  before.close();
  // In the middle, and not before or after: of 41 objects 15 were deleted.
  expect(left).toBe(26);

  const api = await startHarness({ dataDir });
  await vi.waitFor(async () => {
    const answer = await api.get(MAPS);
    expect(answer.json.items?.length).toBe(0);
    expect((await api.get('/api/v1/namespaces/shop')).status).toBe(namespaceStatus);
  }, 30_000);
  await api.stop();
});
