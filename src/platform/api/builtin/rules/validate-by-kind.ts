/** Which validation belongs to which built-in kind. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import type { KubeObject } from '../../../../lib/resource.ts';
import { validateConfigMap, validateLease, validateSecret } from './validate-config.ts';
import { validateCrd } from './validate-crd.ts';
import { validateEvent } from './validate-event.ts';
import { validatePod } from './validate-pod.ts';
import { validateEndpointSlice, validateService } from './validate-service.ts';
import { validateDaemonSet, validateDeployment, validateReplicaSet } from './validate-workload.ts';

type Validation = (object: KubeObject, old?: KubeObject) => StatusCause[];

const VALIDATIONS: Record<string, Validation> = {
  'apps/v1/Deployment': validateDeployment,
  'apps/v1/ReplicaSet': validateReplicaSet,
  'apps/v1/DaemonSet': validateDaemonSet,
  'v1/Pod': validatePod,
  'v1/Event': validateEvent,
  'v1/Service': validateService,
  'v1/ConfigMap': validateConfigMap,
  'v1/Secret': validateSecret,
  'discovery.k8s.io/v1/EndpointSlice': validateEndpointSlice,
  'coordination.k8s.io/v1/Lease': validateLease,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': validateCrd,
};

/** @param id `apiVersion/kind` */
export function validateByKind(id: string, object: KubeObject, old?: KubeObject): StatusCause[] {
  return VALIDATIONS[id]?.(object, old) ?? [];
}
