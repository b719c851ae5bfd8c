import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { supervise } from '../../../src/platform/machine/supervisor.ts';

const options = { clock: systemClock, random: () => 0, logger: silentLogger };
const sleeper = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);

test('supervise() starts a killed child again, until it is stopped', async () => {
  const started: ChildProcess[] = [];
  let tell: () => void = () => {};
  const child = supervise(
    {
      name: 'sleeper',
      stopPatienceMs: 5_000,
      start: () => {
        const process = sleeper();
        started.push(process);
        tell();
        return process;
      },
    },
    options,
  );
  const [first] = started;
  const restarted = new Promise<void>((resolve) => {
    tell = resolve;
  });
  first?.kill('SIGKILL');
  await restarted;
  expect(child.pid).toBe(started[1]?.pid);
  expect(child.pid).not.toBe(first?.pid);
  await child.stop();
  expect(started[1]?.signalCode).toBe('SIGTERM');
});

test('stop() kills a child that ignores SIGTERM', async () => {
  const stubborn = spawn(process.execPath, [
    '-e',
    'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e6)',
  ]);
  const child = supervise({ name: 'stubborn', stopPatienceMs: 50, start: () => stubborn }, options);
  await once(stubborn.stdout, 'data');
  await child.stop();
  expect(stubborn.signalCode).toBe('SIGKILL');
});
