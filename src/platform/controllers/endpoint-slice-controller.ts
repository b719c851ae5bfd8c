/** Keeps the EndpointSlices of each Service. Decisions stand in `plan-endpoint-slices.ts`. */

import { ENDPOINT_SLICE } from '../../kube/resource-types.ts';
import type { CacheChange } from '../../kube/watch-cache.types.ts';
import type { EpochMs } from '../../lib/clock.ts';
import { objectKey } from '../../lib/resource.ts';
import { againAfterConflict, type Controller, type ControllerContext, refOf } from './controller-context.ts';
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
import { runController, type Wake } from './run-controller.ts';
import type { Pod } from './workload-objects.ts';

/** Starts working as soon as the caches of Services, pods and EndpointSlices are filled. */
export function startEndpointSliceController(context: ControllerContext): Controller {
  const { client, clock, caches } = context;
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
    return againAfterConflict(clock, () => reconcile(key, service));
  };

  const reconcile = async (key: string, service: Service): Promise<EpochMs | undefined> => {
    const { namespace } = service.metadata;
    const slices = caches.endpointSlices.list(namespace).filter((slice) => serviceKey(slice) === key);
    const plan = planEndpointSlices({ service, pods: caches.pods.list(namespace), slices });
    for (const slice of plan.create) await createSlice(key, slice);
    for (const slice of plan.update) await client.replace(ENDPOINT_SLICE, slice);
    for (const { metadata } of plan.delete) await deleteSlice(key, metadata);
    return undefined;
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

  const onSlice = (change: CacheChange<EndpointSlice>, wake: Wake): void => {
    const key = serviceKey(change.object);
    if (key === undefined) return;
    if (change.type === 'added') expectations.creationDone(key);
    const leaves = change.type === 'deleted' || change.object.metadata.deletionTimestamp !== undefined;
    if (leaves) expectations.deletionDone(key, change.object.metadata.uid ?? '');
    wake(key);
  };

  /** The Services that select the pod now, and those that did before. */
  const onPod = (change: CacheChange<Pod>, wake: Wake): void => {
    const pods = change.type === 'modified' ? [change.object, change.previous] : [change.object];
    for (const service of caches.services.list(change.object.metadata.namespace)) {
      const selector = { matchLabels: service.spec.selector ?? {} };
      if (pods.some(({ metadata }) => selectorMatches(selector, metadata.labels))) wake(objectKey(service.metadata));
    }
  };

  return runController(context, {
    objects: caches.services,
    reads: [caches.pods, caches.endpointSlices],
    subscribe: (wake) => [
      caches.pods.onChange((change) => onPod(change, wake)),
      caches.endpointSlices.onChange((change) => onSlice(change, wake)),
    ],
    process,
  });
}

/** The Service of a slice that this controller manages. */
function serviceKey({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.[SERVICE_NAME_LABEL];
  const managed = metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY;
  return managed && name !== undefined ? `${metadata.namespace}/${name}` : undefined;
}
