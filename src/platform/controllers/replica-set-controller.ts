/** Keeps as many pods of each ReplicaSet as it wants. Decisions stand in `plan-replica-set.ts`. */

import { createEventRecorder } from '../../kube/event-recorder.ts';
import { isConflict, isNotFound } from '../../kube/kube-client.ts';
import { POD, REPLICA_SET } from '../../kube/resource-types.ts';
import type { CacheChange } from '../../kube/watch-cache.types.ts';
import type { EpochMs } from '../../lib/clock.ts';
import { messageOf } from '../../lib/errors.ts';
import { objectKey } from '../../lib/resource.ts';
import { settleClaim } from './adopt.ts';
import { claim, controllerUid } from './claim.ts';
import {
  AFTER_CONFLICT_MS,
  type Controller,
  type ControllerContext,
  controllerKey,
  refOf,
} from './controller-context.ts';
import { Expectations } from './expectations.ts';
import { selectorMatches } from './label-selector.ts';
import { planReplicaSet, podOf, type ReplicaFailure, replicaSetStatus } from './plan-replica-set.ts';
import { runController, type Wake } from './run-controller.ts';
import { sameStatus } from './same-meaning.ts';
import type { Pod, ReplicaSet } from './workload-objects.ts';

/** Starts working as soon as the caches of ReplicaSets and pods are filled. */
export function startReplicaSetController(context: ControllerContext): Controller {
  const { client, clock, logger, caches } = context;
  const expectations = new Expectations(clock);
  const events = createEventRecorder({ client, clock, logger }, { component: 'replicaset-controller' });

  const process = async (key: string): Promise<EpochMs | undefined> => {
    const { namespace, name } = refOf(key);
    const replicaSet = caches.replicaSets.get(namespace, name);
    if (replicaSet === undefined) {
      expectations.forget(key);
      return undefined;
    }
    // The change that is waited for wakes this key; the instant is only the net below.
    const pendingUntil = expectations.pendingUntil(key);
    if (pendingUntil !== undefined) return pendingUntil;
    return reconcile(key, replicaSet);
  };

  const reconcile = async (key: string, replicaSet: ReplicaSet): Promise<EpochMs | undefined> => {
    const claimed = claim(replicaSet, replicaSet.spec.selector, caches.pods.list(replicaSet.metadata.namespace));
    await settleClaim(client, { owner: replicaSet, ownerType: REPLICA_SET, type: POD }, claimed);
    const pods = [...claimed.owned, ...claimed.adopt];
    const { create, victims, wakeAt } = planReplicaSet(replicaSet, pods, clock.now());
    const failed = (await createPods(key, replicaSet, create)) ?? (await deletePods(key, replicaSet, victims));
    const written = await writeStatus(replicaSet, pods, failed?.failure);
    if (failed !== undefined) throw failed.thrown;
    return written ? wakeAt : clock.now() + AFTER_CONFLICT_MS;
  };

  /** In batches that double: when the first pod is refused, hundreds of others need not be tried. */
  const createPods = async (key: string, replicaSet: ReplicaSet, count: number): Promise<Failed | undefined> => {
    for (let done = 0, size = 1; done < count; done += size, size *= 2) {
      const batch = Math.min(size, count - done);
      const outcomes = await Promise.all(Array.from({ length: batch }, () => createPod(key, replicaSet)));
      const failed = outcomes.find((outcome) => outcome !== undefined);
      if (failed !== undefined) return failed;
    }
    return undefined;
  };

  const createPod = async (key: string, replicaSet: ReplicaSet): Promise<Failed | undefined> => {
    expectations.expectCreations(key, 1);
    try {
      const { metadata } = await client.create<Pod>(POD, podOf(replicaSet));
      events.record(replicaSet, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${metadata.name}`,
      });
      return undefined;
    } catch (thrown) {
      expectations.creationDone(key);
      const message = `Error creating: ${messageOf(thrown)}`;
      events.record(replicaSet, { type: 'Warning', reason: 'FailedCreate', message });
      return { thrown, failure: { reason: 'FailedCreate', message } };
    }
  };

  const deletePods = async (key: string, replicaSet: ReplicaSet, victims: readonly Pod[]) => {
    const outcomes = await Promise.all(victims.map((pod) => deletePod(key, replicaSet, pod)));
    return outcomes.find((outcome) => outcome !== undefined);
  };

  const deletePod = async (key: string, replicaSet: ReplicaSet, pod: Pod): Promise<Failed | undefined> => {
    const { uid = '', name } = pod.metadata;
    expectations.expectDeletion(key, uid);
    try {
      await client.delete(POD, pod.metadata, { preconditions: { uid } });
      events.record(replicaSet, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` });
      return undefined;
    } catch (thrown) {
      expectations.deletionDone(key, uid);
      // Another pod has the name by now: the one that was meant is gone.
      if (isConflict(thrown)) return undefined;
      const message = `Error deleting: ${messageOf(thrown)}`;
      events.record(replicaSet, { type: 'Warning', reason: 'FailedDelete', message });
      return { thrown, failure: { reason: 'FailedDelete', message } };
    }
  };

  /** @returns `false` when the ReplicaSet changed meanwhile */
  const writeStatus = async (replicaSet: ReplicaSet, pods: readonly Pod[], failure: ReplicaFailure | undefined) => {
    const status = replicaSetStatus(replicaSet, { pods, failure, now: clock.now() });
    if (sameStatus(status, replicaSet.status)) return true;
    try {
      await client.replace(REPLICA_SET, { ...replicaSet, status }, { subresource: 'status' });
      return true;
    } catch (thrown) {
      if (isConflict(thrown) || isNotFound(thrown)) return false;
      throw thrown;
    }
  };

  const onPod = (change: CacheChange<Pod>, wake: Wake): void => {
    const key = controllerKey(change.object, 'ReplicaSet');
    if (key !== undefined && change.type === 'added') expectations.creationDone(key);
    const leaves = change.type === 'deleted' || change.object.metadata.deletionTimestamp !== undefined;
    if (key !== undefined && leaves) expectations.deletionDone(key, change.object.metadata.uid ?? '');
    for (const woken of keysOf(change)) wake(woken);
  };

  /** The ReplicaSet of the pod, the one it had before, and for an orphan all that would adopt it. */
  const keysOf = (change: CacheChange<Pod>): string[] => {
    const pods = change.type === 'modified' ? [change.object, change.previous] : [change.object];
    const owners = pods.flatMap((pod) => controllerKey(pod, 'ReplicaSet') ?? []);
    if (controllerUid(change.object) !== undefined) return [...new Set(owners)];
    const { namespace, labels } = change.object.metadata;
    const adopters = caches.replicaSets.list(namespace).filter(({ spec }) => selectorMatches(spec.selector, labels));
    return [...new Set([...owners, ...adopters.map(({ metadata }) => objectKey(metadata))])];
  };

  return runController(context, {
    objects: caches.replicaSets,
    reads: [caches.pods],
    subscribe: (wake) => [caches.pods.onChange((change) => onPod(change, wake))],
    process,
    flush: events.flush,
  });
}

type Failed = { thrown: unknown; failure: ReplicaFailure };
