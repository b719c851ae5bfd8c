/** The world of one Canary at one instant, read from the caches: first half of every turn. */

import type { Canary, CanarySpec } from '../canary/canary.schema.ts';
import type { Observed } from '../canary/observed.ts';
import type { RolloutPlan } from '../canary/rollout-plan.ts';
import type { Candidate } from '../canary/rollout-record.ts';
import { DEPLOYMENT } from '../kube/resource-types.ts';
import { shortHash } from '../lib/canonical-json.ts';
import type { EpochMs } from '../lib/clock.ts';
import { controllerReference, type OwnerReference } from '../lib/resource.ts';
import { VIRTUAL_SERVICE } from '../mesh/istio-kinds.ts';
import { observeRoutes, type VirtualServiceObject } from './canary-routes.ts';
import { type ServiceNames, serviceNames } from './canary-services.ts';
import type { ControllerCaches } from './controller-caches.ts';
import { type Ahead, newest } from './newest.ts';
import { observeDeployment } from './observe-deployment.ts';
import { primaryName, REVISION_ANNOTATION } from './primary-deployment.ts';
import { type ConfigLookup, configChecksums, parseConfigKey } from './tracked-configs.ts';
import { type Deployment, selectorLabel } from './workload.ts';

export type World = {
  canary: Canary;
  spec: CanarySpec;
  namespace: string;
  names: ServiceNames;
  owner: OwnerReference;
  target: Deployment | undefined;
  primary: Deployment | undefined;
  label: { key: string; value: string } | undefined;
  virtualService: VirtualServiceObject | undefined;
  lookup: ConfigLookup;
  observed: Observed;
};

type GatherInput = {
  canary: Canary;
  spec: CanarySpec;
  plan: RolloutPlan;
  caches: ControllerCaches;
  ahead: Ahead;
  at: EpochMs;
  drainMs: number;
};

export function gather({ canary, spec, plan, caches, ahead, at, drainMs }: GatherInput): World {
  const namespace = canary.metadata.namespace ?? 'default';
  const names = serviceNames(spec);
  const deployment = (name: string) => newest(ahead, DEPLOYMENT, caches.deployments.get(namespace, name));
  const target = deployment(spec.targetRef.name);
  const primary = deployment(primaryName(spec.targetRef.name));
  const virtualService = newest(ahead, VIRTUAL_SERVICE, caches.virtualServices.get(namespace, names.apex));
  const lookup: ConfigLookup = ({ kind, name }) =>
    (kind === 'secret' ? caches.secrets : caches.configMaps).get(namespace, name);
  const candidate = target === undefined ? undefined : candidateOf(target, lookup);
  const routes = observeRoutes(virtualService);
  const observed: Observed = {
    at,
    drainMs,
    deleting: canary.metadata.deletionTimestamp !== undefined,
    suspended: spec.suspend === true,
    plan,
    ...(target !== undefined &&
      candidate !== undefined && {
        target: { ...observeDeployment(target, spec.analysis.canaryReadyThreshold), candidate },
      }),
    ...(primary !== undefined && {
      primary: {
        ...observeDeployment(primary, spec.analysis.primaryReadyThreshold),
        revision: primary.metadata.annotations?.[REVISION_ANNOTATION] ?? '',
      },
    }),
    ...(routes !== undefined && { routes }),
    candidateReproducible: isReproducible(canary.status?.rollout?.candidate, lookup),
  };
  const owner = controllerReference(canary);
  const label = target === undefined ? undefined : selectorLabel(target);
  return { canary, spec, namespace, names, owner, target, primary, label, virtualService, lookup, observed };
}

/** A revision is the pod template and the data of every config that it refers to. */
export function candidateOf({ spec, metadata }: Deployment, lookup: ConfigLookup): Candidate {
  const configs = configChecksums(spec.template, lookup);
  return {
    revision: shortHash({ template: spec.template, configs }),
    generation: metadata.generation ?? 0,
    template: spec.template as Candidate['template'],
    configs,
  };
}

/** The analysed data is still there, in the original or in the primary's copy. */
function isReproducible(candidate: Candidate | undefined, lookup: ConfigLookup): boolean {
  return Object.entries(candidate?.configs ?? {}).every(([key, checksum]) => {
    const { kind, name } = parseConfigKey(key);
    return [name, `${name}-primary`, `${name}-primary-before`].some((each) => {
      const config = lookup({ kind, name: each });
      return config !== undefined && shortHash({ data: config.data, binaryData: config.binaryData }) === checksum;
    });
  });
}
