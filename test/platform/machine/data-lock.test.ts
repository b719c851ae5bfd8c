import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
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
    const [holder] = await rivals(1);
    expect(await answerOf(holder)).toBe('held');
    expect(() => takeDataLock(folder)).toThrow(`process ${holder?.pid} holds it`);
    holder?.kill('SIGKILL');
    await once(holder as ChildProcessWithoutNullStreams, 'exit');
    expect(() => takeDataLock(folder)).not.toThrow();
  });

  test('says who holds it, whoever was said to before', () => {
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
    for (let round = 0; round < 5; round++) {
      const all = await rivals(6);
      const answers = await Promise.all(all.map(answerOf));
      expect(answers.filter((answer) => answer !== 'SL0002')).toEqual(['held']);
      // They die without a word, and the next ones come.
      for (const rival of all) rival.kill('SIGKILL');
      await Promise.all(all.map((rival) => once(rival, 'exit')));
    }
  });

  /** Processes that are ready to take the lock when they are told to. */
  async function rivals(count: number): Promise<ChildProcessWithoutNullStreams[]> {
    const module = new URL('../../../src/platform/machine/data-lock.ts', import.meta.url).href;
    const script = `
      const { takeDataLock } = await import(${JSON.stringify(module)});
      process.stdin.once('data', () => {
        try { takeDataLock(${JSON.stringify(folder)}); console.log('held'); } catch ({ code }) { console.log(code); }
      });
      console.log('ready');`;
    const all = Array.from({ length: count }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
    await Promise.all(all.map(({ stdout }) => once(stdout, 'data')));
    return all;
  }

  async function answerOf(rival: ChildProcessWithoutNullStreams | undefined): Promise<string> {
    if (rival === undefined) throw new Error('There is no rival');
    const answer = once(rival.stdout, 'data');
    rival.stdin.write('go\n');
    return String(await answer).trim();
  }
});
