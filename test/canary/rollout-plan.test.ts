import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CanarySpec } from '../../src/canary/canary.schema.ts';
import { compilePlan, expectedDurationMs, type RolloutPlan } from '../../src/canary/rollout-plan.ts';

function specWith(analysis: Partial<CanarySpec['analysis']>, more: Partial<CanarySpec> = {}): CanarySpec {
  return {
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hello' },
    service: { port: 80 },
    analysis: { interval: '10s', threshold: 5, ...analysis },
    ...more,
  };
}

function planned(spec: CanarySpec): RolloutPlan {
  const plan = compilePlan(spec);
  if (!plan.ok) throw new Error(JSON.stringify(plan.issues));
  return plan.value;
}

describe('compilePlan()', () => {
  const match = [{ headers: { 'user-type': { exact: 'internal' } } }];
  const weights: Record<string, { analysis: Partial<CanarySpec['analysis']>; weights: number[] }> = {
    'steps to 100 without a maximum': { analysis: { stepWeight: 25 }, weights: [25, 50, 75, 100] },
    'never goes above the maximum': { analysis: { stepWeight: 20, maxWeight: 50 }, weights: [20, 40, 50] },
    'takes a step that is larger than the maximum once': { analysis: { stepWeight: 99, maxWeight: 10 }, weights: [10] },
    'takes a list as it is': { analysis: { stepWeights: [1, 10, 80] }, weights: [1, 10, 80] },
    'mirrors before the first weight': { analysis: { stepWeight: 50, mirror: true }, weights: [0, 50, 100] },
    'tests blue/green without traffic, then switches': { analysis: { iterations: 3 }, weights: [0, 100] },
    'keeps unmatched traffic off an A/B test': { analysis: { iterations: 3, match }, weights: [0] },
    'takes written stages': { analysis: { stages: [{ weight: 1 }, { weight: 100 }] }, weights: [1, 100] },
  };
  test.each(Object.entries(weights))('%s', (_name, { analysis, weights: expected }) => {
    expect(planned(specWith(analysis)).stages.map(({ weight }) => weight)).toEqual(expected);
  });

  test('sends matched requests of an A/B test to the canary for all iterations', () => {
    expect(planned(specWith({ iterations: 3, match })).stages[0]).toMatchObject({
      match,
      iterations: 3,
      durationMs: 30_000,
    });
  });

  test('has no stages when the analysis is skipped', () => {
    expect(planned(specWith({ stepWeight: 10 }, { skipAnalysis: true }))).toMatchObject({
      strategy: 'skip',
      stages: [],
    });
  });

  const refused: Record<string, { analysis: Partial<CanarySpec['analysis']>; path: string }> = {
    'refuses a step that never moves': { analysis: { stepWeight: 0 }, path: 'spec.analysis.stepWeight' },
    'refuses weights that do not grow': { analysis: { stepWeights: [10, 10] }, path: 'spec.analysis.stepWeights[1]' },
    'refuses an empty list': { analysis: { stepWeights: [] }, path: 'spec.analysis.stepWeights' },
    'refuses two stages of one name': {
      analysis: { stages: [{ name: 'a' }, { name: 'a' }] },
      path: 'spec.analysis.stages[1].name',
    },
  };
  test.each(Object.entries(refused))('%s', (_name, { analysis, path }) => {
    expect(compilePlan(specWith(analysis))).toMatchObject({ ok: false, issues: [{ path }] });
  });

  const intervals: [string, number][] = [
    ['500ms', 1_000],
    ['1s', 1_000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
  ];
  test.each(intervals)('honours an interval of %s as %d ms', (interval, intervalMs) => {
    expect(planned(specWith({ stepWeight: 50, interval })).intervalMs).toBe(intervalMs);
  });

  test('weights of steps always grow, end at the maximum and stay within 100', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 120 }), (stepWeight, maxWeight) => {
        const found = planned(specWith({ stepWeight, maxWeight })).stages.map(({ weight }) => weight);
        expect(found.at(-1)).toBe(Math.min(100, maxWeight));
        expect(found.every((weight, index) => weight > (found[index - 1] ?? 0))).toBe(true);
      }),
    );
  });
});

describe('expectedDurationMs()', () => {
  const metrics = [{ name: 'request-success-rate', interval: '30s' }];
  const cases: Record<string, { analysis: Partial<CanarySpec['analysis']>; expected: number }> = {
    'one interval per weight without checks': { analysis: { stepWeight: 50 }, expected: 20_000 },
    'checks begin one metric interval after the weight': { analysis: { stepWeight: 100, metrics }, expected: 30_000 },
    'a longer stage ends with the first round at or past its duration': {
      analysis: { stages: [{ weight: 1, duration: '45s' }], metrics },
      expected: 50_000,
    },
    'iterations are rounds': { analysis: { stages: [{ iterations: 4 }], metrics }, expected: 60_000 },
  };
  test.each(Object.entries(cases))('%s', (_name, { analysis, expected }) => {
    expect(expectedDurationMs(planned(specWith(analysis)))).toBe(expected);
  });
});
