import { describe, expect, test } from 'vitest';
import { createWorkQueue, type WorkQueue } from '../../src/kube/work-queue.ts';
import { SluiceError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { FakeClock, settled } from '../support/fake-clock.ts';

type Run = { key: string; finish: (again?: number) => void; fail: (thrown: Error) => void; signal: AbortSignal };

function queueOf({ concurrency = 2 } = {}): { queue: WorkQueue; clock: FakeClock; runs: Run[] } {
  const clock = new FakeClock(1_000_000);
  const runs: Run[] = [];
  const queue = createWorkQueue({
    clock,
    random: () => 0,
    logger: silentLogger,
    backoff: { baseMs: 100, maxMs: 1_000, jitter: 0 },
    concurrency,
    process: (key, signal) =>
      new Promise((resolve, reject) => runs.push({ key, finish: resolve, fail: reject, signal })),
  });
  return { queue, clock, runs };
}

describe('a work queue', () => {
  test('works on a key once for many additions of one turn', async () => {
    const { queue, runs } = queueOf();
    queue.add('a');
    queue.add('a');
    await settled();
    runs[0]?.finish();
    await queue.idle();
    expect(runs).toHaveLength(1);
  });

  test('never works on a key twice at the same time, and works on it again when it was added meanwhile', async () => {
    const { queue, runs } = queueOf();
    queue.add('a');
    await settled();
    queue.add('a');
    queue.add('a');
    await settled();
    expect(runs).toHaveLength(1);
    runs[0]?.finish();
    await settled();
    expect(runs).toHaveLength(2);
    runs[1]?.finish();
    await queue.idle();
    expect(runs).toHaveLength(2);
  });

  test('works on no more keys at once than allowed', async () => {
    const { queue, runs } = queueOf({ concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settled();
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b']);
    runs[0]?.finish();
    await settled();
    expect(runs.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  test('comes back at the instant that processing asked for, or earlier when the key is added', async () => {
    const { queue, clock, runs } = queueOf();
    queue.add('a');
    await settled();
    runs[0]?.finish(clock.now() + 5_000);
    await clock.advance(4_999);
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
    runs[1]?.finish(clock.now() + 5_000);
    await settled();
    queue.add('a');
    await settled();
    expect(runs).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  test('keeps the earliest of several instants', async () => {
    const { queue, clock, runs } = queueOf();
    queue.addAt('a', clock.now() + 500);
    queue.addAt('a', clock.now() + 100);
    queue.addAt('a', clock.now() + 900);
    await clock.advance(100);
    expect(runs).toHaveLength(1);
  });

  test('backs off per key after failures, and starts over after a success', async () => {
    const { queue, clock, runs } = queueOf();
    queue.add('a');
    await settled();
    for (const waitMs of [100, 200, 400, 800, 1_000, 1_000]) {
      const before = runs.length;
      runs.at(-1)?.fail(new Error('no'));
      await clock.advance(waitMs - 1);
      expect(runs).toHaveLength(before);
      await clock.advance(1);
      expect(runs).toHaveLength(before + 1);
    }
    runs.at(-1)?.finish();
    await settled();
    queue.add('a');
    await settled();
    runs.at(-1)?.fail(new Error('no'));
    const before = runs.length;
    await clock.advance(100);
    expect(runs).toHaveLength(before + 1);
  });

  test('waits as long as a failure says', async () => {
    const { queue, clock, runs } = queueOf();
    queue.add('a');
    await settled();
    runs[0]?.fail(new SluiceError('SL0005', 'busy', { remedy: { kind: 'wait', retryAfterMs: 7_000 } }));
    await clock.advance(6_999);
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
  });

  test('forgets what waits for a key', async () => {
    const { queue, clock, runs } = queueOf();
    queue.addAt('a', clock.now() + 100);
    queue.forget('a');
    await clock.advance(1_000);
    expect(runs).toHaveLength(0);
  });

  test('reaches an instant further away than a timer can hold', async () => {
    const { queue, clock, runs } = queueOf();
    queue.addAt('a', clock.now() + 2 ** 32);
    await clock.advance(2 ** 32 - 1);
    expect(runs).toHaveLength(0);
    await clock.advance(1);
    expect(runs).toHaveLength(1);
  });

  test('tells work under way that it closes, waits for it, and takes nothing more', async () => {
    const { queue, runs } = queueOf();
    queue.add('a');
    await settled();
    const closed = queue.close();
    expect(runs[0]?.signal.aborted).toBe(true);
    queue.add('b');
    runs[0]?.finish(2_000_000);
    await closed;
    await settled();
    expect(runs).toHaveLength(1);
  });
});
