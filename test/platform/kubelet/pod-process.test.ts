import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { identityOf, isRunning } from '../../../src/lib/process-identity.ts';
import { adoptProcess } from '../../../src/platform/kubelet/pod-process.ts';

let leader: ChildProcess | undefined;
afterEach(() => void leader?.kill('SIGKILL'));

test('what an adopted process leaves behind in its group ends with it', async () => {
  leader = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = leader.stdout === null ? [] : await once(leader.stdout, 'data');
  const left = identityOf(Number(String(said)));
  const identity = identityOf(leader.pid ?? 0);
  if (identity === undefined || left === undefined) throw new Error('Both processes should run');
  const adopted = adoptProcess(identity, systemClock);
  leader.kill('SIGKILL');
  expect(await adopted?.ended).toEqual({ how: 'unknown' });
  while (isRunning(left)) await new Promise((resolve) => setImmediate(resolve));
});

test('a recorded process whose id belongs to a stranger by now is not adopted', () => {
  expect(adoptProcess({ pid: process.pid, startTime: '1' }, systemClock)).toBeUndefined();
});
