/**
 * The controllers of the one-machine platform: Deployment, ReplicaSet, EndpointSlice. They know the API server only, so they run
 * against any; a cluster has its own, and there these are not started.
 */

import type { KubeClient } from '../../kube/kube-client.ts';
import { DEPLOYMENT, ENDPOINT_SLICE, POD, REPLICA_SET, SERVICE } from '../../kube/resource-types.ts';
import { createWatchCache } from '../../kube/watch-cache.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { KubeObject, ResourceType } from '../../lib/resource.ts';
import type { ControllerCaches } from './controller-context.ts';
import { startDeploymentController } from './deployment-controller.ts';
import { startEndpointSliceController } from './endpoint-slice-controller.ts';
import { startReplicaSetController } from './replica-set-controller.ts';

export type ControllersOptions = { client: KubeClient; clock: Clock; random: () => number; logger: Logger };

export type Controllers = {
  /** Resolves once everything that is there has been read. */
  synced: Promise<void>;
  /** Stops, and resolves when nothing is under way any more. What the controllers made stays. */
  close(): Promise<void>;
};

/** Starts all controllers; they wait for the server by themselves. */
export function startControllers({ client, clock, random, logger }: ControllersOptions): Controllers {
  const cacheOf = <T extends KubeObject>(type: ResourceType) =>
    createWatchCache<T>(client, type, { clock, random, logger });
  const caches: ControllerCaches = {
    deployments: cacheOf(DEPLOYMENT),
    replicaSets: cacheOf(REPLICA_SET),
    pods: cacheOf(POD),
    services: cacheOf(SERVICE),
    endpointSlices: cacheOf(ENDPOINT_SLICE),
  };
  const context = { client, clock, random, logger, caches };
  const controllers = [
    startDeploymentController(context),
    startReplicaSetController(context),
    startEndpointSliceController(context),
  ];
  const all = Object.values(caches);
  const synced = Promise.all(all.map((cache) => cache.synced)).then(() => {});
  // Who does not wait for it must not be ended by a close that comes first.
  synced.catch(() => {});

  return {
    synced,
    async close() {
      for (const cache of all) cache.close();
      await Promise.all(controllers.map((controller) => controller.close()));
    },
  };
}
