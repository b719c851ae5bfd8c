/**
 * One turn of the Deployment controller as a value: which ReplicaSets to create, change and delete, and what the status says.
 * Pure; `deployment-controller.ts` gathers and acts.
 */

import type { EpochMs } from '../../lib/clock.ts';
import { controllerReference, type KubeObject } from '../../lib/resource.ts';
import { deadlineAt, deploymentStatus, isComplete } from './deployment-status.ts';
import { podTemplateHash, TEMPLATE_HASH_LABEL } from './pod-template-hash.ts';
import { scaledSizes } from './proportional-scale.ts';
import {
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  newSetAnnotations,
  REVISION,
  revisionOf,
  splitByTemplate,
} from './revisions.ts';
import { nextSizes, type RollingBounds, rollingBounds, type Sizes } from './rolling-update.ts';
import { meaningOf } from './same-meaning.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from './workload-objects.ts';

export type DeploymentAction =
  | { do: 'createReplicaSet'; replicaSet: ReplicaSet }
  | { do: 'updateReplicaSet'; replicaSet: ReplicaSet; replicasBefore: number }
  | { do: 'deleteReplicaSet'; replicaSet: ReplicaSet };

export type DeploymentPlan = {
  actions: readonly DeploymentAction[];
  /** What the Deployment's own revision annotation has to say. */
  revision: string | undefined;
  status: DeploymentStatus;
  /** When to look again although nothing happened. */
  wakeAt: EpochMs | undefined;
};

export type DeploymentInput = {
  deployment: Deployment;
  /** Those that this Deployment controls. */
  replicaSets: readonly ReplicaSet[];
  /** Whether a pod of any ReplicaSet but the one named has not ended yet; Recreate waits for them. */
  hasLivePods: (exceptSetName: string | undefined) => boolean;
  now: EpochMs;
};

/** The next step from what is to what the Deployment wants; no actions when it is reached. */
export function planDeployment(input: DeploymentInput): DeploymentPlan {
  const { deployment, replicaSets, now } = input;
  const { newSet, oldSets } = splitByTemplate(deployment, replicaSets);
  const turn: Turn = { ...input, newSet, oldSets, bounds: rollingBounds(deployment.spec) };

  const actions = deployment.metadata.deletionTimestamp === undefined ? actionsOf(turn) : [];
  const created = actions.find((action) => action.do === 'createReplicaSet')?.replicaSet;
  const status = deploymentStatus({ deployment, newSet, oldSets, creates: created?.metadata.name, now });
  const current = created ?? actions.find(({ replicaSet }) => isSame(replicaSet, newSet))?.replicaSet ?? newSet;
  return {
    actions,
    revision: current?.metadata.annotations?.[REVISION],
    status,
    wakeAt: deadlineAt(deployment, status),
  };
}

type Turn = DeploymentInput & {
  newSet: ReplicaSet | undefined;
  oldSets: readonly ReplicaSet[];
  bounds: RollingBounds;
};

function actionsOf(turn: Turn): DeploymentAction[] {
  const { spec } = turn.deployment;
  if (spec.paused === true || isScalingEvent(turn)) return updatesOf(turn, sizesAfterScaling(turn));
  const recreates = spec.strategy?.type === 'Recreate';
  const steps = recreates ? recreate(turn) : rollOn(turn);
  return steps.length > 0 ? steps : cleanup(turn);
}

/** The wanted number of replicas changed since the active sets were last scaled. */
function isScalingEvent({ deployment, replicaSets }: Turn): boolean {
  const replicas = String(deployment.spec.replicas ?? 1);
  return replicaSets
    .filter(({ spec }) => (spec.replicas ?? 1) > 0)
    .some(({ metadata }) => (metadata.annotations?.[DESIRED_REPLICAS] ?? replicas) !== replicas);
}

function sizesAfterScaling({ deployment, newSet, oldSets, bounds }: Turn): Sizes {
  const newestFirst = [...(newSet === undefined ? [] : [newSet]), ...[...oldSets].reverse()];
  const sets = newestFirst.map((set) => {
    const before = Number(set.metadata.annotations?.[MAX_REPLICAS]);
    return { ...sizeOf(set), ...(before > 0 ? { maxReplicasBefore: before } : {}) };
  });
  return scaledSizes(
    { replicas: deployment.spec.replicas ?? 1, sets, hasNewSet: newSet !== undefined },
    { maxSurge: bounds.maxSurge, rolling: deployment.spec.strategy?.type !== 'Recreate' },
  );
}

function rollOn(turn: Turn): DeploymentAction[] {
  const { deployment, newSet, oldSets, bounds } = turn;
  const planned = { name: newSetName(deployment), replicas: 0, available: 0 };
  const input = {
    replicas: deployment.spec.replicas ?? 1,
    newSet: newSet === undefined ? planned : sizeOf(newSet),
    oldSets: oldSets.map(sizeOf),
  };
  const sizes = nextSizes(input, bounds);
  return newSet === undefined ? [createNewSet(turn, sizes.get(planned.name) ?? 0)] : updatesOf(turn, sizes);
}

/** Recreate: everything old ends before anything new starts. */
function recreate(turn: Turn): DeploymentAction[] {
  const { deployment, newSet, oldSets, hasLivePods } = turn;
  const wanted = deployment.spec.replicas ?? 1;
  const emptied = new Map(oldSets.filter(({ spec }) => spec.replicas !== 0).map(({ metadata }) => [metadata.name, 0]));
  if (emptied.size > 0) return updatesOf(turn, emptied);
  const stillThere = oldSets.some(({ status }) => (status?.replicas ?? 0) > 0) || hasLivePods(newSet?.metadata.name);
  if (stillThere) return newSet === undefined ? [] : updatesOf(turn, new Map());
  if (newSet === undefined) return [createNewSet(turn, wanted)];
  return updatesOf(turn, newSet.spec.replicas === wanted ? new Map() : new Map([[newSet.metadata.name, wanted]]));
}

function newSetName(deployment: Deployment): string {
  const hash = podTemplateHash(deployment.spec.template, deployment.status?.collisionCount);
  return `${deployment.metadata.name}-${hash}`;
}

function createNewSet({ deployment, oldSets, bounds }: Turn, replicas: number): DeploymentAction {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = podTemplateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
  const { namespace } = deployment.metadata;
  const replicaSet: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: newSetName(deployment),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: {
        ...newSetAnnotations(deployment, undefined, oldSets),
        ...scaleAnnotations(deployment, bounds),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  return { do: 'createReplicaSet', replicaSet };
}

/** The writes that give every set its size and its annotations; sets that have both already are left alone. */
function updatesOf(turn: Turn, sizes: Sizes): DeploymentAction[] {
  return turn.replicaSets.flatMap((set): DeploymentAction[] => {
    const replicaSet = updated(turn, set, sizes.get(set.metadata.name));
    const replicasBefore = set.spec.replicas ?? 1;
    return meaningOf(replicaSet) === meaningOf(set) ? [] : [{ do: 'updateReplicaSet', replicaSet, replicasBefore }];
  });
}

function updated({ deployment, newSet, oldSets, bounds }: Turn, set: ReplicaSet, size: number | undefined): ReplicaSet {
  const replicas = size ?? set.spec.replicas ?? 1;
  const isNew = isSame(set, newSet);
  const scaled = size !== undefined || replicas > 0;
  const annotations = {
    ...(isNew ? newSetAnnotations(deployment, set, oldSets) : set.metadata.annotations),
    ...(scaled ? scaleAnnotations(deployment, bounds) : {}),
  };
  const { minReadySeconds } = deployment.spec;
  const follows = isNew && minReadySeconds !== undefined ? { minReadySeconds } : {};
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, ...follows, replicas } };
}

function scaleAnnotations({ spec }: Deployment, { maxSurge }: RollingBounds): Record<string, string> {
  const replicas = spec.replicas ?? 1;
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(replicas + maxSurge) };
}

/** Old, empty sets beyond the history limit go, oldest revision first, once the rollout is complete. */
function cleanup({ deployment, newSet, oldSets }: Turn): DeploymentAction[] {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const counts = deploymentStatus({ deployment, newSet, oldSets, now: 0 });
  if (!isComplete(deployment, counts)) return [];
  const living = oldSets.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return [...living]
    .sort((one, other) => revisionOf(one) - revisionOf(other))
    .slice(0, Math.max(0, living.length - limit))
    .filter(isEmptyAndSettled)
    .map((replicaSet) => ({ do: 'deleteReplicaSet', replicaSet }));
}

function isEmptyAndSettled({ metadata, spec, status }: ReplicaSet): boolean {
  const observed = status?.observedGeneration ?? 0;
  return spec.replicas === 0 && (status?.replicas ?? 0) === 0 && (metadata.generation ?? 0) <= observed;
}

function sizeOf({ metadata, spec, status }: ReplicaSet) {
  return { name: metadata.name, replicas: spec.replicas ?? 1, available: status?.availableReplicas ?? 0 };
}

function isSame(one: KubeObject, other: KubeObject | undefined): boolean {
  return one.metadata.name === other?.metadata.name;
}
