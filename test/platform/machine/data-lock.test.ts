import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identityOf } from '../../../src/lib/process-identity.ts';
import { takeDataLock } from '../../../src/platform/machine/data-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('takeDataLock()', () => {
  test('refuses a second holder and names the first', () => {
    takeDataLock(folder);
    expect(() => takeDataLock(folder)).toThrow(`process ${process.pid} holds it`);
  });

  test('gives the lock again once it is released', () => {
    takeDataLock(folder).release();
    expect(() => takeDataLock(folder)).not.toThrow();
  });

  test('takes the lock of a killed holder', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    await once(holder, 'spawn');
    writeFileSync(join(folder, 'lock'), JSON.stringify(identityOf(holder.pid ?? 0)));
    expect(() => takeDataLock(folder)).toThrow(`process ${holder.pid} holds it`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(() => takeDataLock(folder)).not.toThrow();
  });

  test('does not take a recycled process id for the holder', () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startTime: '1' }));
    takeDataLock(folder);
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toEqual(identityOf(process.pid));
  });

  test('takes a lock file that holds nonsense', () => {
    writeFileSync(join(folder, 'lock'), 'nonsense');
    expect(() => takeDataLock(folder)).not.toThrow();
  });
});
