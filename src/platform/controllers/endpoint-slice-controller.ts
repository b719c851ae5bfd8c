/** Keeps the EndpointSlices of each Service. Decisions stand in `plan-endpoint-slices.ts`. */

import { isConflict, isNotFound } from '../../kube/kube-client.ts';
import { ENDPOINT_SLICE } from '../../kube/resource-types.ts';
import type { CacheChange } from '../../kube/watch-cache.types.ts';
import { createWorkQueue } from '../../kube/work-queue.ts';
import type { EpochMs } from '../../lib/clock.ts';
import { objectKey } from '../../lib/resource.ts';
import {
  AFTER_CONFLICT_MS,
  CONTROLLER_BACKOFF,
  CONTROLLER_CONCURRENCY,
  type Controller,
  type ControllerContext,
  refOf,
} from './controller-context.ts';
import type { EndpointSlice, Service } from './endpoint-objects.ts';
import { Expectations } from './expectations.ts';
import { selectorMatches } from './label-selector.ts';
import {
  hasManagedSlices,
  MANAGED_BY,
  MANAGED_BY_LABEL,
  planEndpointSlices,
  SERVICE_NAME_LABEL,
} from './plan-endpoint-slices.ts';
import type { Pod } from './workload-objects.ts';

/** Starts working as soon as the caches of Services, pods and EndpointSlices are filled. */
export function startEndpointSliceController(context: ControllerContext): Controller {
  const { client, clock, random, logger, caches } = context;
  const expectations = new Expectations(clock);

  const process = async (key: string): Promise<EpochMs | undefined> => {
    const { namespace, name } = refOf(key);
    const service = caches.services.get(namespace, name);
    if (service === undefined || !hasManagedSlices(service)) {
      expectations.forget(key);
      return undefined;
    }
    // The change that is waited for wakes this key; the instant is only the net below.
    const pendingUntil = expectations.pendingUntil(key);
    if (pendingUntil !== undefined) return pendingUntil;
    return reconcile(key, service);
  };

  const reconcile = async (key: string, service: Service): Promise<EpochMs | undefined> => {
    const { namespace } = service.metadata;
    const slices = caches.endpointSlices.list(namespace).filter((slice) => serviceKey(slice) === key);
    const plan = planEndpointSlices({ service, pods: caches.pods.list(namespace), slices });
    try {
      for (const slice of plan.create) await createSlice(key, slice);
      for (const slice of plan.update) await client.replace(ENDPOINT_SLICE, slice);
      for (const { metadata } of plan.delete) await deleteSlice(key, metadata);
      return undefined;
    } catch (thrown) {
      // Decided on a slice that has changed meanwhile; the change itself brings the next turn.
      if (isConflict(thrown) || isNotFound(thrown)) return clock.now() + AFTER_CONFLICT_MS;
      throw thrown;
    }
  };

  const createSlice = async (key: string, slice: EndpointSlice): Promise<void> => {
    expectations.expectCreations(key, 1);
    try {
      await client.create(ENDPOINT_SLICE, slice);
    } catch (thrown) {
      expectations.creationDone(key);
      throw thrown;
    }
  };

  const deleteSlice = async (key: string, { name, namespace, uid = '' }: EndpointSlice['metadata']): Promise<void> => {
    expectations.expectDeletion(key, uid);
    try {
      const ref = namespace === undefined ? { name } : { name, namespace };
      await client.delete(ENDPOINT_SLICE, ref, { preconditions: { uid } });
    } catch (thrown) {
      expectations.deletionDone(key, uid);
      throw thrown;
    }
  };

  const queue = createWorkQueue({
    clock,
    random,
    logger,
    backoff: CONTROLLER_BACKOFF,
    concurrency: CONTROLLER_CONCURRENCY,
    process,
  });

  const onSlice = (change: CacheChange<EndpointSlice>): void => {
    const key = serviceKey(change.object);
    if (key === undefined) return;
    if (change.type === 'added') expectations.creationDone(key);
    const leaves = change.type === 'deleted' || change.object.metadata.deletionTimestamp !== undefined;
    if (leaves) expectations.deletionDone(key, change.object.metadata.uid ?? '');
    queue.add(key);
  };

  /** The Services that select the pod now, and those that did before. */
  const onPod = (change: CacheChange<Pod>): void => {
    const pods = change.type === 'modified' ? [change.object, change.previous] : [change.object];
    for (const service of caches.services.list(change.object.metadata.namespace)) {
      const selector = { matchLabels: service.spec.selector ?? {} };
      if (pods.some(({ metadata }) => selectorMatches(selector, metadata.labels)))
        queue.add(objectKey(service.metadata));
    }
  };

  let unsubscribe: (() => void)[] = [];
  const start = async () => {
    await Promise.all([caches.services.synced, caches.pods.synced, caches.endpointSlices.synced]);
    unsubscribe = [
      caches.services.onChange(({ object }) => queue.add(objectKey(object.metadata))),
      caches.pods.onChange(onPod),
      caches.endpointSlices.onChange(onSlice),
    ];
    for (const { metadata } of caches.services.list()) queue.add(objectKey(metadata));
  };
  // A cache that is closed before it is filled ends the start; there is nothing to do then.
  start().catch(() => {});

  return {
    async close() {
      for (const end of unsubscribe) end();
      await queue.close();
    },
  };
}

/** The Service of a slice that this controller manages. */
function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  const managed = metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
  return managed && name !== undefined ? `${metadata.namespace}/${name}` : undefined;
}
