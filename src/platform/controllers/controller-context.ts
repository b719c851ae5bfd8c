/** What every controller is handed: the server, time, randomness, a logger, and the live copies that they share. */

import type { KubeClient } from '../../kube/kube-client.ts';
import type { WatchCache } from '../../kube/watch-cache.types.ts';
import type { BackoffPolicy } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
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

/** How failing keys are retried. */
export const CONTROLLER_BACKOFF: BackoffPolicy = { baseMs: 50, maxMs: 30_000, jitter: 0.2 };

/** How many keys of one controller are worked on at the same time. */
export const CONTROLLER_CONCURRENCY = 4;

// A write lost against another one is decided anew by the change that won; this is only the net below.
export const AFTER_CONFLICT_MS = 1_000;

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
