import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { identityOf, type ProcessIdentity } from '../../../src/lib/process-identity.ts';
import { awaitLeftovers, recordChildren } from '../../../src/platform/machine/leftovers.ts';

let folder: string;
let child: ChildProcess;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-leftovers-'));
  child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await once(child, 'spawn');
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const identityOfChild = (): ProcessIdentity => identityOf(child.pid ?? 0) ?? { pid: 0, startTime: '' };

test('awaitLeftovers() waits until a recorded child has left', async () => {
  recordChildren(folder, [identityOfChild()]);
  let isOver = false;
  const waiting = awaitLeftovers(folder, { clock: systemClock, patienceMs: 60_000 }).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  child.kill('SIGTERM');
  await waiting;
  expect(child.killed).toBe(true);
});

test('awaitLeftovers() kills a child that does not leave', async () => {
  recordChildren(folder, [identityOfChild()]);
  expect(await awaitLeftovers(folder, { clock: systemClock, patienceMs: 0 })).toBe(true);
  expect(identityOf(child.pid ?? 0)).toBeUndefined();
});

test('awaitLeftovers() leaves alone who has inherited a process id', async () => {
  recordChildren(folder, [{ pid: child.pid ?? 0, startTime: '1' }]);
  await awaitLeftovers(folder, { clock: systemClock, patienceMs: 0 });
  expect(child.exitCode ?? child.signalCode).toBeNull();
});

test('awaitLeftovers() has nothing to wait for in a new folder, or after an end in order', async () => {
  expect(await awaitLeftovers(folder, { clock: systemClock, patienceMs: 0 })).toBe(false);
  recordChildren(folder, []);
  expect(await awaitLeftovers(folder, { clock: systemClock, patienceMs: 0 })).toBe(false);
});
