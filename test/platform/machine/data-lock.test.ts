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

  test('gives the lock of a dead holder to one of many who find it at the same time', async () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: process.pid, startTime: '1' }));
    const module = new URL('../../../src/platform/machine/data-lock.ts', import.meta.url).href;
    const script = `
      const { takeDataLock } = await import(${JSON.stringify(module)});
      process.stdin.once('data', () => {
        try { takeDataLock(${JSON.stringify(folder)}); console.log('held'); } catch ({ code }) { console.log(code); }
        process.stdin.once('data', () => process.exit());
      });
      console.log('ready');`;
    const rivals = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
    await Promise.all(rivals.map(({ stdout }) => once(stdout, 'data')));
    for (const { stdin } of rivals) stdin.write('go\n');
    const answers = await Promise.all(rivals.map(async ({ stdout }) => String(await once(stdout, 'data')).trim()));
    expect(answers.sort()).toEqual(['SL0002', 'SL0002', 'SL0002', 'held']);
    for (const { stdin } of rivals) stdin.end('bye\n');
    await Promise.all(rivals.map((rival) => once(rival, 'exit')));
  });
});
