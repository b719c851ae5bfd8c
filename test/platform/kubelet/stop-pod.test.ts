import { describe, expect, test } from 'vitest';
import { leaveTraffic } from '../../../src/platform/kubelet/stop-pod.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

function leaving({ served = true, acknowledged = () => Promise.resolve() } = {}) {
  const clock = new FakeClock();
  const listeners = new Set<() => void>();
  const abort = new AbortController();
  const state = { served, done: false };
  const left = leaveTraffic({
    isServed: () => state.served,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    acknowledged,
    patienceMs: 5_000,
    clock,
    signal: abort.signal,
  }).then(() => {
    state.done = true;
  });
  const change = async (served: boolean) => {
    state.served = served;
    for (const listener of [...listeners]) listener();
    await settled();
  };
  return { clock, listeners, state, abort, left, change };
}

describe('leaveTraffic()', () => {
  test('is done at once for a pod that takes no traffic', async () => {
    const { state } = leaving({ served: false });
    await settled();
    expect(state.done).toBe(true);
  });

  test('waits until the last slice has let go of the pod', async () => {
    const { state, change, listeners, clock } = leaving();
    await change(true);
    expect(state.done).toBe(false);
    await change(false);
    expect(state.done).toBe(true);
    expect([listeners.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('waits until the proxies know', async () => {
    const known = Promise.withResolvers<void>();
    const { state, change } = leaving({ acknowledged: () => known.promise });
    await change(false);
    expect(state.done).toBe(false);
    known.resolve();
    await settled();
    expect(state.done).toBe(true);
  });

  const silent: Record<string, { acknowledged: () => Promise<void> }> = {
    'never answers': { acknowledged: () => new Promise(() => {}) },
    fails: { acknowledged: () => Promise.reject(new Error('no proxy')) },
  };
  test.each(Object.entries(silent))(
    'waits no longer than its patience when the acknowledgement %s',
    async (_name, options) => {
      const { state, change, clock } = leaving(options);
      await change(false);
      await clock.advance(4_999);
      expect(state.done).toBe(false);
      await clock.advance(1);
      expect(state.done).toBe(true);
    },
  );

  test('waits no longer than its patience for a slice that never lets go', async () => {
    const { state, clock, listeners } = leaving();
    await clock.advance(5_000);
    expect(state.done).toBe(true);
    expect(listeners.size).toBe(0);
  });

  test('is given up when the kubelet closes', async () => {
    const { left, abort } = leaving();
    abort.abort(new Error('closing'));
    await expect(left).rejects.toThrow('closing');
  });
});
