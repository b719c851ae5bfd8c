import { describe, expect, test } from 'vitest';
import { type DeploymentInput, planDeployment } from '../../../src/platform/controllers/plan-deployment.ts';
import { conditionOf } from '../../../src/platform/controllers/pod-facts.ts';
import type { Condition, Deployment } from '../../../src/platform/controllers/workload-objects.ts';
import { deployment, replicaSetOf, START } from './builders.ts';

const plan = (input: Partial<DeploymentInput> & { deployment: Deployment }) =>
  planDeployment({ replicaSets: [], hasLivePods: () => false, now: START, ...input });

/** Name of each action and the size it gives. */
const summary = (input: Partial<DeploymentInput> & { deployment: Deployment }) =>
  plan(input).actions.map(({ do: verb, replicaSet }) => [verb, replicaSet.spec.replicas]);

const progressing = (more: Partial<Condition>): Condition => ({
  type: 'Progressing',
  status: 'True',
  lastUpdateTime: '2026-01-01T00:00:00Z',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...more,
});

describe('planDeployment()', () => {
  test('creates the ReplicaSet of a new Deployment with hash, revision, scale and owner', () => {
    const { actions, revision, status } = plan({ deployment: deployment() });
    const [action] = actions;
    const hash = action?.replicaSet.metadata.labels?.['pod-template-hash'];
    expect(action).toMatchObject({
      do: 'createReplicaSet',
      replicaSet: {
        metadata: {
          name: `web-${hash}`,
          annotations: {
            'deployment.kubernetes.io/revision': '1',
            'deployment.kubernetes.io/desired-replicas': '3',
            'deployment.kubernetes.io/max-replicas': '4',
          },
          ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }],
        },
        spec: { replicas: 3, selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } } },
      },
    });
    expect(revision).toBe('1');
    expect(conditionOf({ status }, 'Progressing')).toMatchObject({ reason: 'NewReplicaSetCreated', status: 'True' });
  });

  test('does nothing when everything is as wanted', () => {
    const web = deployment();
    const replicaSets = [replicaSetOf(web, { replicas: 3 })];
    const first = plan({ deployment: web, replicaSets });
    expect(first.actions).toEqual([]);
    const settled = { ...web, status: first.status };
    expect(plan({ deployment: settled, replicaSets, now: START + 9e9 })).toMatchObject({
      actions: [],
      status: first.status,
    });
  });

  test('gives a template that comes back a new revision, and remembers the old one', () => {
    const first = deployment({ image: 'web:1' });
    const second = deployment({ image: 'web:2' });
    const replicaSets = [
      replicaSetOf(first, { replicas: 0, age: 20, revision: 1 }),
      replicaSetOf(second, { replicas: 3, age: 10, revision: 2 }),
    ];
    const { actions, revision } = plan({ deployment: first, replicaSets });
    expect(revision).toBe('3');
    expect(actions[0]?.replicaSet.metadata.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
  });

  test('changes no template while it is paused, but scales', () => {
    const before = deployment({ image: 'web:1' });
    const replicaSets = [replicaSetOf(before, { replicas: 3 })];
    expect(summary({ deployment: deployment({ image: 'web:2', paused: true }), replicaSets })).toEqual([]);
    const scaled = deployment({ image: 'web:2', paused: true, replicas: 5 });
    expect(summary({ deployment: scaled, replicaSets })).toEqual([['updateReplicaSet', 5]]);
    const { status } = plan({ deployment: scaled, replicaSets });
    expect(conditionOf({ status }, 'Progressing')).toMatchObject({ reason: 'DeploymentPaused', status: 'Unknown' });
  });

  test('scales in proportion in the middle of a rolling update', () => {
    const before = deployment({ image: 'web:1', replicas: 10 });
    const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
    const strategy = { type: 'RollingUpdate', rollingUpdate } as const;
    const scaledTo = (replicas: number) => deployment({ image: 'web:2', replicas, strategy });
    const annotated = (image: string, replicas: number, age: number) =>
      replicaSetOf(
        { ...before, spec: { ...scaledTo(10).spec, template: deployment({ image }).spec.template } },
        { replicas, age },
      );
    const replicaSets = [annotated('web:1', 8, 20), annotated('web:2', 5, 10)];
    const sizes = plan({ deployment: scaledTo(15), replicaSets }).actions.map(
      ({ replicaSet }) => replicaSet.spec.replicas,
    );
    expect(sizes).toEqual([11, 7]);
  });

  test('recreates only after the last old pod has ended', () => {
    const recreate = { strategy: { type: 'Recreate' } } as const;
    const after = deployment({ image: 'web:2', ...recreate });
    const old = (replicas: number) => [replicaSetOf(deployment({ image: 'web:1', ...recreate }), { replicas })];
    expect(summary({ deployment: after, replicaSets: old(3) })).toEqual([['updateReplicaSet', 0]]);
    expect(summary({ deployment: after, replicaSets: old(0), hasLivePods: () => true })).toEqual([]);
    expect(summary({ deployment: after, replicaSets: old(0) })).toEqual([['createReplicaSet', 3]]);
  });

  test('keeps as many old revisions as it is told, the newest ones', () => {
    const web = deployment({ image: 'web:9', revisionHistoryLimit: 1 });
    const old = [1, 2, 3].map((revision) =>
      replicaSetOf(deployment({ image: `web:${revision}` }), { replicas: 0, revision, age: 50 - revision }),
    );
    const replicaSets = [...old, replicaSetOf(web, { replicas: 3, revision: 4 })];
    const { actions } = plan({ deployment: web, replicaSets });
    expect(actions.map(({ do: verb, replicaSet }) => [verb, replicaSet.metadata.name])).toEqual([
      ['deleteReplicaSet', old[0]?.metadata.name],
      ['deleteReplicaSet', old[1]?.metadata.name],
    ]);
  });

  test('says that the deadline is over only when it is, and wakes for it', () => {
    const status = { conditions: [progressing({ reason: 'ReplicaSetUpdated' })] };
    const web = deployment({ progressDeadlineSeconds: 10 }, { status });
    const replicaSets = [
      replicaSetOf(web, { replicas: 3, status: { replicas: 0, readyReplicas: 0, availableReplicas: 0 } }),
    ];
    const at = (now: number) => plan({ deployment: web, replicaSets, now });
    expect(at(START + 10_000).wakeAt).toBe(START + 11_000);
    expect(conditionOf(at(START + 10_000), 'Progressing')?.reason).toBe('ReplicaSetUpdated');
    expect(conditionOf(at(START + 11_000), 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
  });

  test('touches nothing of a Deployment that is being deleted', () => {
    const web = deployment({ image: 'web:2' }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(summary({ deployment: web, replicaSets: [replicaSetOf(deployment(), { replicas: 3 })] })).toEqual([]);
  });
});
