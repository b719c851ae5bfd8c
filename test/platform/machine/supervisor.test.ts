import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { silentLogger } from '../../../src/lib/logger.ts';
import { supervise } from '../../../src/platform/machine/supervisor.ts';

const options = { clock: systemClock, random: () => 0, logger: silentLogger };
const sleeper = () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);

test('supervise() starts a killed child again, until it is stopped, and says how it ended', async () => {
  const started: ChildProcess[] = [];
  const ends: string[] = [];
  let tell: () => void = () => {};
  const child = supervise(
    {
      name: 'sleeper',
      stopPatienceMs: 5_000,
      onEnd: (how) => ends.push(how),
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
  expect(ends).toEqual(['SIGKILL']);
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

describe('a child that cannot be started', () => {
  const impossible = () => spawn('/nowhere/no-such-program');
  const broken = (): never => {
    throw new Error('no file descriptors are left');
  };
  const ways: Record<string, () => ChildProcess> = {
    'is tried again when the system refuses it': impossible,
    'is tried again when starting it throws': broken,
  };

  test.each(Object.entries(ways))('%s', async (_name, fails) => {
    const starts = [sleeper, fails, fails, sleeper];
    const recovered = Promise.withResolvers<ChildProcess>();
    let first: ChildProcess | undefined;
    const child = supervise(
      {
        name: 'unlucky',
        stopPatienceMs: 5_000,
        start: () => {
          const process = (starts.shift() ?? sleeper)();
          first ??= process;
          if (starts.length === 0) recovered.resolve(process);
          return process;
        },
      },
      options,
    );
    first?.kill('SIGKILL');
    const last = await recovered.promise;
    expect(child.pid).toBe(last.pid);
    await child.stop();
  });

  test('is not hidden from whoever asks for it first', () => {
    expect(() => supervise({ name: 'broken', stopPatienceMs: 0, start: broken }, options)).toThrow('file descriptors');
  });
});
