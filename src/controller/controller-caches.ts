/** Live copies of everything that a rollout depends on, and who is concerned when one of them changes. */

import { CANARY, type Canary } from '../canary/canary.schema.ts';
import { ROLLOUT_ACTION, type RolloutAction } from '../canary/rollout-action.schema.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { CONFIG_MAP, DEPLOYMENT, HORIZONTAL_POD_AUTOSCALER, SECRET, SERVICE } from '../kube/resource-types.ts';
import { createWatchCache } from '../kube/watch-cache.ts';
import type { WatchCache } from '../kube/watch-cache.types.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { type KubeObject, objectKey, type ResourceType } from '../lib/resource.ts';
import { DESTINATION_RULE, VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';
import { METRIC_TEMPLATE } from '../metrics/metric-template.schema.ts';
import { ALERT_PROVIDER, type AlertProvider } from '../notify/alert-provider.schema.ts';
import type { VirtualServiceObject } from './canary-routes.ts';
import { serviceNames } from './canary-services.ts';
import type { Autoscaler } from './primary-autoscaler.ts';
import { primaryName } from './primary-deployment.ts';
import type { Config, Deployment, Service } from './workload.ts';

export type CacheTools = {
  client: KubeClient;
  namespace?: string | undefined;
  clock: Clock;
  random: () => number;
  logger: Logger;
};

/** Kinds without which no Canary can be worked on; each other one is waited for only where it is needed. */
const REQUIRED: readonly ResourceType[] = [CANARY, ROLLOUT_ACTION, DEPLOYMENT, SERVICE, CONFIG_MAP, SECRET];

export type ControllerCaches = ReturnType<typeof createControllerCaches>;

/** @param concern called with the key of every Canary that a change concerns */
export function createControllerCaches({ client, namespace, ...tools }: CacheTools, concern: (key: string) => void) {
  const all: { type: ResourceType; cache: Pick<WatchCache<KubeObject>, 'synced' | 'hasSynced' | 'close'> }[] = [];
  const open = <T extends KubeObject>(type: ResourceType): WatchCache<T> => {
    const cache = createWatchCache<T>(client, type, { ...tools, ...(namespace !== undefined && { namespace }) });
    all.push({ type, cache });
    return cache;
  };
  const caches = {
    canaries: open<Canary>(CANARY),
    actions: open<RolloutAction>(ROLLOUT_ACTION),
    deployments: open<Deployment>(DEPLOYMENT),
    services: open<Service>(SERVICE),
    configMaps: open<Config>(CONFIG_MAP),
    secrets: open<Config>(SECRET),
    virtualServices: open<VirtualServiceObject>(VIRTUAL_SERVICE),
    destinationRules: open<KubeObject>(DESTINATION_RULE),
    metricTemplates: open<KubeObject>(METRIC_TEMPLATE),
    autoscalers: open<Autoscaler>(HORIZONTAL_POD_AUTOSCALER),
    alertProviders: open<AlertProvider>(ALERT_PROVIDER),
  };

  const concernWhere = (object: KubeObject, isConcerned: (canary: Canary) => boolean): void => {
    for (const canary of caches.canaries.list(object.metadata.namespace)) {
      if (isConcerned(canary)) concern(objectKey(canary.metadata));
    }
  };
  const byName = (names: (canary: Canary) => readonly string[]) => (object: KubeObject) =>
    concernWhere(object, (canary) => names(canary).includes(object.metadata.name));

  // Another Canary on the same target may have been waiting for this one to go.
  caches.canaries.onChange(({ object }) => {
    concern(objectKey(object.metadata));
    concernWhere(object, (other) => targetName(other) === targetName(object));
  });
  caches.actions.onChange(({ object }) => {
    const { namespace: place, name } = { namespace: object.metadata.namespace, name: object.spec.canary };
    concern(objectKey(place === undefined ? { name } : { namespace: place, name }));
  });
  const deployments = byName((canary) => [targetName(canary), primaryName(targetName(canary))]);
  const services = byName(generatedNames);
  caches.deployments.onChange(({ object }) => deployments(object));
  caches.services.onChange(({ object }) => services(object));
  caches.virtualServices.onChange(({ object }) => services(object));
  caches.destinationRules.onChange(({ object }) => services(object));
  // Which of them a pod template refers to is read in the turn; a turn without a change writes nothing.
  caches.configMaps.onChange(({ object }) => concernWhere(object, () => true));
  caches.secrets.onChange(({ object }) => concernWhere(object, () => true));
  caches.autoscalers.onChange(({ object }) => concernWhere(object, () => true));

  const required = all.filter(({ type }) => REQUIRED.includes(type));
  for (const { type, cache } of all) {
    if (REQUIRED.includes(type)) continue;
    // Whoever has waited for this kind goes on.
    const goOn = () => {
      for (const canary of caches.canaries.list()) concern(objectKey(canary.metadata));
    };
    cache.synced.then(goOn, () => {});
  }

  return {
    ...caches,
    /** Once every kind that all Canaries need was listed. */
    synced: Promise.all(required.map(({ cache }) => cache.synced)).then(() => {}),
    unsynced: () => all.filter(({ cache }) => !cache.hasSynced()).map(({ type }) => type),
    isRequired: (type: ResourceType) => REQUIRED.includes(type),
    close() {
      for (const { cache } of all) cache.close();
    },
  };
}

// An invalid Canary may lack anything.
function targetName({ spec }: Canary): string {
  return (spec as Partial<Canary['spec']> | undefined)?.targetRef?.name ?? '';
}

function generatedNames(canary: Canary): readonly string[] {
  return targetName(canary) === '' ? [] : Object.values(serviceNames(canary.spec));
}
