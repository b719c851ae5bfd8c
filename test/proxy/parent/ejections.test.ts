import { describe, expect, test } from 'vitest';
import type { OutlierPolicy } from '../../../src/mesh/table/route-table.ts';
import { Ejections } from '../../../src/proxy/parent/ejections.ts';

const policy: OutlierPolicy = {
  consecutive5xx: 5,
  consecutiveGateway: 0,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  ejectedPercentMost: 50,
  healthyPercentLeast: 0,
};

describe('endpoints that were taken out', () => {
  const eject = (ejections: Ejections, address: string, nowMs: number, changes: Partial<OutlierPolicy> = {}) =>
    ejections.eject(address, { all: 4, policy: { ...policy, ...changes }, nowMs });

  test('come back at the first look after their time, and not before', () => {
    const ejections = new Ejections();
    expect(eject(ejections, 'a', 0)).toBe(true);
    expect(ejections.sweep(29_999)).toBe(false);
    expect(ejections.out).toEqual(['a']);
    expect(ejections.sweep(30_000)).toBe(true);
    expect(ejections.out).toEqual([]);
  });

  test('are no more than the policy allows, over all workers', () => {
    const ejections = new Ejections();
    expect(['a', 'b', 'c'].map((address) => eject(ejections, address, 0))).toEqual([true, true, false]);
    expect(ejections.out).toEqual(['a', 'b']);
  });

  test('are taken out once, however many workers find it', () => {
    const ejections = new Ejections();
    expect([eject(ejections, 'a', 0), eject(ejections, 'a', 1)]).toEqual([true, false]);
    expect(ejections.sweep(30_000)).toBe(true);
  });

  test.each([
    [1, 30_000],
    [2, 60_000],
    [3, 90_000],
    [10, 300_000],
    [11, 300_000],
  ])('stay out longer each time, up to five minutes: the time number %i for %i ms', (times, lengthMs) => {
    const ejections = new Ejections();
    const lookAtMs = 10_000;
    let nowMs = 0;
    let outSinceMs = 0;
    for (let time = 1; time <= times; time++) {
      outSinceMs = nowMs;
      eject(ejections, 'a', nowMs);
      while (ejections.out.length > 0) {
        nowMs += lookAtMs;
        ejections.sweep(nowMs);
      }
    }
    expect(nowMs - outSinceMs).toBe(lengthMs);
  });

  test('stay out for the base time when that is longer than five minutes', () => {
    const ejections = new Ejections();
    eject(ejections, 'a', 0, { baseEjectionMs: 400_000 });
    expect(ejections.sweep(399_999)).toBe(false);
    expect(ejections.sweep(400_000)).toBe(true);
  });

  test('are forgiven one time at every look at which they were in', () => {
    const ejections = new Ejections();
    for (const atMs of [0, 30_000]) {
      eject(ejections, 'a', atMs);
      ejections.sweep(atMs + 60_000);
    }
    expect(ejections.isEmpty).toBe(false);
    ejections.sweep(100_000);
    expect(ejections.isEmpty).toBe(false);
    ejections.sweep(110_000);
    expect(ejections.isEmpty).toBe(true);
    eject(ejections, 'a', 120_000);
    expect(ejections.sweep(150_000)).toBe(true);
  });

  test('are forgotten when the cluster has them no more', () => {
    const ejections = new Ejections();
    eject(ejections, 'a', 0);
    eject(ejections, 'b', 0);
    ejections.retain(new Set(['b', 'c']));
    expect(ejections.out).toEqual(['b']);
  });
});
