/** What every controller is handed: the server, time, randomness, a logger, and the live copies that they share. */

import { isConflict, isNotFound, type KubeClient } from '../../kube/kube-client.ts';
import type { WatchCache } from '../../kube/watch-cache.types.ts';
import type { Clock, EpochMs } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeObject } from '../../lib/resource.ts';
import type { EndpointSlice, Service } from './endpoint-objects.ts';
import type { Deployment, Pod, ReplicaSet } from './workload-objects.ts';

export type ControllerCaches = {
  deployments: WatchCache<Deployment>;
  replicaSets: WatchCache<ReplicaSet>;
  pods: WatchCache<Pod>;
  services: WatchCache<Service>;
  endpointSlices: WatchCache<EndpointSlice>;
};

export type ControllerContext = {
  client: KubeClient;
  clock: Clock;
  random: () => number;
  logger: Logger;
  caches: ControllerCaches;
};

/** A running controller. */
export interface Controller {
  /** Stops taking work, and resolves when what was begun has ended. */
  close(): Promise<void>;
}

/** A write lost against another one is decided anew by the change that won; this is only the net below, in milliseconds. */
export const AFTER_CONFLICT_MS = 1_000;

/** Takes a turn that may have been decided on something that has changed meanwhile: the change itself brings the next one. */
export async function againAfterConflict(
  clock: Clock,
  turn: () => Promise<EpochMs | undefined>,
): Promise<EpochMs | undefined> {
  try {
    return await turn();
  } catch (thrown) {
    if (isConflict(thrown) || isNotFound(thrown)) return clock.now() + AFTER_CONFLICT_MS;
    throw thrown;
  }
}

/** Splits a cache key into namespace and name. */
export function refOf(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The key of the object of `kind` that controls this one. */
export function controllerKey({ metadata }: KubeObject, kind: string): string | undefined {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true && reference.kind === kind);
  return owner === undefined ? undefined : `${metadata.namespace}/${owner.name}`;
}
