/** The rules of every built-in kind: what OpenAPI cannot say. */

import type { KubeObject } from '../../../../lib/resource.ts';
import type { KindRules } from '../../kind.ts';
import { defaultAutoscaler, defaultCrd, defaultPod, defaultSecret } from './other-defaults.ts';
import { defaultEndpointSlice, defaultEndpoints, defaultService } from './service-defaults.ts';
import { validateByKind } from './validate-by-kind.ts';
import { defaultDaemonSet, defaultDeployment, defaultReplicaSet, defaultStatefulSet } from './workload-defaults.ts';

const DEFAULTS: Record<string, KindRules['defaults']> = {
  'apps/v1/Deployment': defaultDeployment,
  'apps/v1/ReplicaSet': defaultReplicaSet,
  'apps/v1/DaemonSet': defaultDaemonSet,
  'apps/v1/StatefulSet': defaultStatefulSet,
  'v1/Pod': defaultPod,
  'v1/Service': defaultService,
  'v1/Endpoints': defaultEndpoints,
  'v1/Secret': defaultSecret,
  'discovery.k8s.io/v1/EndpointSlice': defaultEndpointSlice,
  'autoscaling/v2/HorizontalPodAutoscaler': defaultAutoscaler,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': defaultCrd,
};

/** @param id `apiVersion/kind` */
export function builtinRules(id: string): KindRules {
  return {
    defaults: DEFAULTS[id] ?? (() => {}),
    validate: (object: KubeObject, old?: KubeObject) => validateByKind(id, object, old),
  };
}
