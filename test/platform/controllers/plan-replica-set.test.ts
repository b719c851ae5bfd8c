import { describe, expect, test } from 'vitest';
import { claim } from '../../../src/platform/controllers/claim.ts';
import { planReplicaSet, replicaSetStatus } from '../../../src/platform/controllers/plan-replica-set.ts';
import { chooseVictims } from '../../../src/platform/controllers/rank-victims.ts';
import type { Pod, ReplicaSet } from '../../../src/platform/controllers/workload-objects.ts';
import { deployment, pod, replicaSetOf, START } from './builders.ts';

const setOf = (replicas: number, minReadySeconds?: number): ReplicaSet => {
  const set = replicaSetOf(deployment(), { replicas });
  return { ...set, spec: { ...set.spec, ...(minReadySeconds === undefined ? {} : { minReadySeconds }) } };
};

describe('planReplicaSet()', () => {
  const gone = { deletionTimestamp: '2026-01-01T00:00:00Z' };
  const cases: Record<string, { set: ReplicaSet; pods: Pod[]; create: number; victims: string[] }> = {
    'creates what is missing': { set: setOf(3), pods: [pod('a')], create: 2, victims: [] },
    'does not count pods that end or have ended': {
      set: setOf(1),
      pods: [pod('a', gone), pod('b', { phase: 'Failed' }), pod('c', { phase: 'Succeeded' })],
      create: 1,
      victims: [],
    },
    'ends what is too much': { set: setOf(1), pods: [pod('a'), pod('b', { ready: false })], create: 0, victims: ['b'] },
    'is content with the right number': { set: setOf(1), pods: [pod('a', { ready: false })], create: 0, victims: [] },
    'makes at most 500 at once': { set: setOf(9_999), pods: [], create: 500, victims: [] },
  };
  test.each(Object.entries(cases))('%s', (_name, { set, pods, create, victims }) => {
    const plan = planReplicaSet(set, pods, START);
    expect({ create: plan.create, victims: plan.victims.map(({ metadata }) => metadata.name) }).toEqual({
      create,
      victims,
    });
  });

  test('counts a pod as available only after it was ready for long enough, and wakes then', () => {
    const set = setOf(2, 10);
    const pods = [pod('a', { readySince: START - 10_000 }), pod('b', { readySince: START - 9_000 })];
    expect(replicaSetStatus(set, { pods, failure: undefined, now: START })).toMatchObject({
      readyReplicas: 2,
      availableReplicas: 1,
    });
    expect(planReplicaSet(set, pods, START).wakeAt).toBe(START + 1_000);
  });
});

describe('chooseVictims()', () => {
  const old = { creationTimestamp: '2020-01-01T00:00:00Z', readySince: START - 9e6 };
  const cases: Record<string, { stays: Pod; goes: Pod }> = {
    'prefers a pod without a node': { stays: pod('a'), goes: pod('b', { ...old, nodeName: undefined }) },
    'prefers a pending pod': { stays: pod('a'), goes: pod('b', { ...old, phase: 'Pending' }) },
    'prefers a pod that is not ready': { stays: pod('a'), goes: pod('b', { ...old, ready: false }) },
    'prefers the cheaper pod': {
      stays: pod('a'),
      goes: pod('b', { ...old, annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-1' } }),
    },
    'prefers the pod that is ready for a shorter time': {
      stays: pod('a', old),
      goes: pod('b', { ...old, readySince: START }),
    },
    'prefers the pod that was restarted more often': {
      stays: pod('a', old),
      goes: pod('b', { ...old, restartCount: 2 }),
    },
    'prefers the younger pod': {
      stays: pod('a', { ready: false, creationTimestamp: '2020-01-01T00:00:00Z' }),
      goes: pod('b', { ready: false, creationTimestamp: '2021-01-01T00:00:00Z' }),
    },
  };
  test.each(Object.entries(cases))('%s', (_name, { stays, goes }) => {
    expect(chooseVictims([stays, goes], 1)).toEqual([goes]);
    expect(chooseVictims([goes, stays], 1)).toEqual([goes]);
  });
});

describe('claim()', () => {
  const set = setOf(3);
  const labels = set.spec.selector.matchLabels ?? {};
  test('owns, adopts, releases and leaves alone', () => {
    const owned = pod('owned', { owner: set, labels });
    const orphan = pod('orphan', { labels });
    const changed = pod('changed', { owner: set, labels: { app: 'other' } });
    const others = pod('others', { owner: replicaSetOf(deployment({ image: 'x' }), { replicas: 1 }), labels });
    const dying = pod('dying', { labels, deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(claim(set, set.spec.selector, [owned, orphan, changed, others, dying])).toEqual({
      owned: [owned],
      adopt: [orphan],
      release: [changed],
    });
  });

  test('adopts nothing for an owner that is being deleted', () => {
    const dying = { ...set, metadata: { ...set.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(claim(dying, set.spec.selector, [pod('orphan', { labels })]).adopt).toEqual([]);
  });
});
