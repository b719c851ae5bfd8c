/** Moves each Deployment one step further per turn. Decisions stand in `plan-deployment.ts`. */

import { createEventRecorder } from '../../kube/event-recorder.ts';
import { isAlreadyExists } from '../../kube/kube-client.ts';
import { DEPLOYMENT, REPLICA_SET } from '../../kube/resource-types.ts';
import type { CacheChange } from '../../kube/watch-cache.types.ts';
import type { EpochMs } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { objectKey } from '../../lib/resource.ts';
import { settleClaim } from './adopt.ts';
import { claim, controllerUid } from './claim.ts';
import {
  againAfterConflict,
  type Controller,
  type ControllerContext,
  controllerKey,
  refOf,
} from './controller-context.ts';
import { selectorMatches } from './label-selector.ts';
import { type DeploymentAction, planDeployment } from './plan-deployment.ts';
import { isFinished } from './pod-facts.ts';
import { sameTemplate } from './pod-template-hash.ts';
import { REVISION } from './revisions.ts';
import { runController, type Wake } from './run-controller.ts';
import { sameStatus } from './same-meaning.ts';
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from './workload-objects.ts';

/** Starts working as soon as the caches of Deployments, ReplicaSets and pods are filled. */
export function startDeploymentController(context: ControllerContext): Controller {
  const { client, clock, logger, caches } = context;
  const events = createEventRecorder({ client, clock, logger }, { component: 'deployment-controller' });

  const process = async (key: string): Promise<EpochMs | undefined> => {
    const { namespace, name } = refOf(key);
    const deployment = caches.deployments.get(namespace, name);
    return deployment === undefined ? undefined : againAfterConflict(clock, () => reconcile(deployment));
  };

  const reconcile = async (deployment: Deployment): Promise<EpochMs | undefined> => {
    const { namespace } = deployment.metadata;
    const claimed = claim(deployment, deployment.spec.selector, caches.replicaSets.list(namespace));
    await settleClaim(client, { owner: deployment, ownerType: DEPLOYMENT, type: REPLICA_SET }, claimed);
    const replicaSets = [...claimed.owned, ...claimed.adopt];
    const plan = planDeployment({
      deployment,
      replicaSets,
      hasLivePods: (except) => hasLivePods(replicaSets, except, caches.pods.list(namespace)),
      now: clock.now(),
    });

    for (const action of plan.actions) {
      if ((await act(deployment, action)) === 'nameTaken') {
        await writeStatus(deployment, nextCollision(deployment));
        return undefined;
      }
    }
    const revised = await writeRevision(deployment, plan.revision);
    await writeStatus(revised, plan.status);
    return plan.wakeAt;
  };

  const act = async (deployment: Deployment, action: DeploymentAction): Promise<'done' | 'nameTaken'> => {
    switch (action.do) {
      case 'createReplicaSet':
        return createReplicaSet(deployment, action.replicaSet);
      case 'updateReplicaSet': {
        const { replicaSet, replicasBefore } = action;
        await client.replace(REPLICA_SET, replicaSet);
        announceScaling(deployment, replicaSet, replicasBefore);
        return 'done';
      }
      case 'deleteReplicaSet': {
        const { uid = '', resourceVersion = '' } = action.replicaSet.metadata;
        await client.delete(REPLICA_SET, action.replicaSet.metadata, { preconditions: { uid, resourceVersion } });
        return 'done';
      }
      default:
        return action satisfies never;
    }
  };

  const createReplicaSet = async (deployment: Deployment, replicaSet: ReplicaSet): Promise<'done' | 'nameTaken'> => {
    try {
      await client.create(REPLICA_SET, replicaSet);
    } catch (thrown) {
      if (isAlreadyExists(thrown)) return isOurs(deployment, replicaSet);
      const message = `Failed to create new replica set "${replicaSet.metadata.name}": ${messageOf(thrown)}`;
      events.record(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
      throw thrown;
    }
    announceScaling(deployment, replicaSet, 0);
    return 'done';
  };

  /** The cache was behind and the set is the wanted one, or the name belongs to another set. */
  const isOurs = async (deployment: Deployment, wanted: ReplicaSet): Promise<'done' | 'nameTaken'> => {
    const found = await client.get<ReplicaSet>(REPLICA_SET, wanted.metadata);
    if (found === undefined) return 'done';
    const ours = controllerUid(found) === deployment.metadata.uid;
    return ours && sameTemplate(found.spec.template, wanted.spec.template) ? 'done' : 'nameTaken';
  };

  const announceScaling = (deployment: Deployment, { metadata, spec }: ReplicaSet, before: number): void => {
    const { replicas = 1 } = spec;
    if (replicas === before) return;
    const direction = replicas > before ? 'up' : 'down';
    const message = `Scaled ${direction} replica set ${metadata.name} from ${before} to ${replicas}`;
    events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  };

  const writeRevision = async (deployment: Deployment, revision: string | undefined): Promise<Deployment> => {
    const { annotations = {}, resourceVersion } = deployment.metadata;
    if (revision === undefined || annotations[REVISION] === revision) return deployment;
    const patch = { metadata: { resourceVersion, annotations: { [REVISION]: revision } } };
    return client.patch<Deployment>(DEPLOYMENT, deployment.metadata, patch, { strategy: 'merge' });
  };

  const writeStatus = async (deployment: Deployment, status: DeploymentStatus): Promise<void> => {
    if (sameStatus(status, deployment.status)) return;
    await client.replace(DEPLOYMENT, { ...deployment, status }, { subresource: 'status' });
  };

  /** The Deployment of the set, the one it had before, and for an orphan all that would adopt it. */
  const onReplicaSet = (change: CacheChange<ReplicaSet>, wake: Wake): void => {
    const sets = change.type === 'modified' ? [change.object, change.previous] : [change.object];
    for (const set of sets) {
      const key = controllerKey(set, 'Deployment');
      if (key !== undefined) wake(key);
    }
    if (controllerUid(change.object) !== undefined) return;
    const { namespace, labels } = change.object.metadata;
    for (const { spec, metadata } of caches.deployments.list(namespace)) {
      if (selectorMatches(spec.selector, labels)) wake(objectKey(metadata));
    }
  };

  /** Recreate waits for the last old pod to end; nobody else cares for single pods. */
  const onPod = ({ type, object }: CacheChange<Pod>, wake: Wake): void => {
    if (type !== 'deleted' && !isFinished(object)) return;
    const setKey = controllerKey(object, 'ReplicaSet');
    if (setKey === undefined) return;
    const { namespace, name } = refOf(setKey);
    const replicaSet = caches.replicaSets.get(namespace, name);
    const key = replicaSet === undefined ? undefined : controllerKey(replicaSet, 'Deployment');
    const deployment = key === undefined ? undefined : caches.deployments.get(namespace, refOf(key).name);
    if (key !== undefined && deployment?.spec.strategy?.type === 'Recreate') wake(key);
  };

  return runController(context, {
    objects: caches.deployments,
    reads: [caches.replicaSets, caches.pods],
    subscribe: (wake) => [
      caches.replicaSets.onChange((change) => onReplicaSet(change, wake)),
      caches.pods.onChange((change) => onPod(change, wake)),
    ],
    process,
    flush: events.flush,
  });
}

function hasLivePods(sets: readonly ReplicaSet[], exceptName: string | undefined, pods: readonly Pod[]): boolean {
  const owners = new Set(
    sets.filter(({ metadata }) => metadata.name !== exceptName).map(({ metadata }) => metadata.uid),
  );
  return pods.some((pod) => owners.has(controllerUid(pod)) && !isFinished(pod));
}

function nextCollision({ status }: Deployment): DeploymentStatus {
  return { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 };
}
