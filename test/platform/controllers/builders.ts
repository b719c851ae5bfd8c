/** Deployments, ReplicaSets and pods that show only what matters to a test. */

import { toRfc3339 } from '../../../src/lib/clock.ts';
import { planDeployment } from '../../../src/platform/controllers/plan-deployment.ts';
import type {
  Deployment,
  DeploymentSpec,
  DeploymentStatus,
  Pod,
  ReplicaSet,
  ReplicaSetStatus,
} from '../../../src/platform/controllers/workload-objects.ts';

export const START = Date.UTC(2026, 0, 1);

export function deployment(
  spec: Partial<DeploymentSpec> & { image?: string } = {},
  { status, ...metadata }: Partial<Deployment['metadata']> & { status?: DeploymentStatus } = {},
): Deployment {
  const { image = 'web:1', ...rest } = spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop', uid: 'uid-web', generation: 1, ...metadata },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
      ...rest,
    },
    ...(status === undefined ? {} : { status }),
  };
}

/** The ReplicaSet that the controller makes for `of`, with sizes and counts as given. */
export function replicaSetOf(
  of: Deployment,
  {
    replicas,
    status,
    age = 0,
    revision,
  }: { replicas: number; status?: ReplicaSetStatus; age?: number; revision?: number },
): ReplicaSet {
  const plan = planDeployment({
    deployment: { ...of, spec: { ...of.spec, paused: false } },
    replicaSets: [],
    hasLivePods: () => false,
    now: START,
  });
  const created = plan.actions.find((action) => action.do === 'createReplicaSet')?.replicaSet;
  if (created === undefined) throw new Error('The plan for a new Deployment creates a ReplicaSet');
  const { name } = created.metadata;
  const annotations = {
    ...created.metadata.annotations,
    ...(revision === undefined ? {} : { 'deployment.kubernetes.io/revision': String(revision) }),
  };
  return {
    ...created,
    metadata: {
      ...created.metadata,
      annotations,
      uid: `uid-${name}`,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: toRfc3339(START - age * 1000),
    },
    spec: { ...created.spec, replicas },
    status: { observedGeneration: 1, replicas, readyReplicas: replicas, availableReplicas: replicas, ...status },
  };
}

export function pod(
  name: string,
  {
    ready = true,
    readySince = START,
    phase = 'Running',
    labels = { app: 'web' },
    owner,
    ip,
    ports,
    ...more
  }: {
    ready?: boolean;
    readySince?: number;
    phase?: string;
    labels?: Record<string, string>;
    owner?: ReplicaSet;
    ip?: string;
    ports?: { name?: string; containerPort: number; protocol?: string }[];
    nodeName?: string | undefined;
    deletionTimestamp?: string;
    creationTimestamp?: string;
    annotations?: Record<string, string>;
    restartCount?: number;
  } = {},
): Pod {
  const { nodeName = 'here', restartCount, ...metadata } = more;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      labels,
      ...metadata,
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: 'ReplicaSet',
                name: owner.metadata.name,
                uid: owner.metadata.uid ?? '',
                controller: true,
              },
            ],
          }),
    },
    spec: {
      ...('nodeName' in more && more.nodeName === undefined ? {} : { nodeName }),
      containers: [{ name: 'web', ...(ports === undefined ? {} : { ports }) }],
    },
    status: {
      phase,
      ...(ip === undefined ? {} : { podIP: ip }),
      ...(restartCount === undefined ? {} : { containerStatuses: [{ restartCount }] }),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: toRfc3339(readySince) }],
    },
  };
}
