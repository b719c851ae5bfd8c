import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identityOf, isRunning } from '../../src/lib/process-identity.ts';

test('a process is itself as long as it runs', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await once(child, 'spawn');
  const identity = identityOf(child.pid ?? 0);
  expect(identity).toEqual({ pid: child.pid, startTime: expect.stringMatching(/^\d+@[0-9a-f-]{36}$/) });
  expect(identity && isRunning(identity)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identity && isRunning(identity)).toBe(false);
  expect(identityOf(child.pid ?? 0)).toBeUndefined();
});

test('one that has ended, and that its parent has not looked at, does not run', async () => {
  // The shell replaces itself by a program that never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600']);
  const pid = Number(String(await once(parent.stdout, 'data')));
  while (identityOf(pid) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  parent.kill('SIGKILL');
});

const { pid, startTime = '' } = identityOf(process.pid) ?? { pid: 0 };
const [ticks, boot] = startTime.split('@');
const strangers: Record<string, { pid: number; startTime: string }> = {
  'a process that began at another time': { pid, startTime: `${Number(ticks) + 1}@${boot}` },
  'a process of the same id and time before a reboot': { pid, startTime: `${ticks}@another-boot` },
  'a record without a time': { pid, startTime: '' },
  'an id that no process has': { pid: 2 ** 30, startTime },
};
test.each(Object.entries(strangers))('%s is not taken for the one that runs', (_name, stranger) => {
  expect(isRunning({ pid, startTime })).toBe(true);
  expect(isRunning(stranger)).toBe(false);
});
