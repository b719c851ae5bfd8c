/** The HorizontalPodAutoscaler of the primary: the target's, aimed at the primary (flagger.md 3.6). */

import type { CanarySpec } from '../canary/canary.schema.ts';
import { canonicalJson } from '../lib/canonical-json.ts';
import type { KubeObject, OwnerReference } from '../lib/resource.ts';
import { primaryName, withOwner } from './primary-deployment.ts';

export type Autoscaler = KubeObject & {
  spec?: { minReplicas?: number; maxReplicas?: number; scaleTargetRef?: { name?: string }; [field: string]: unknown };
};

type AutoscalerInput = {
  spec: CanarySpec;
  source: Autoscaler;
  existing: Autoscaler | undefined;
  owner: OwnerReference;
};

/** @returns what is to be written, or `undefined` when the primary's autoscaler is as it should be */
export function primaryAutoscaler({ spec, source, existing, owner }: AutoscalerInput): Autoscaler | undefined {
  const { minReplicas, maxReplicas } = spec.autoscalerRef?.primaryScalerReplicas ?? {};
  const wanted: Autoscaler = {
    apiVersion: source.apiVersion,
    kind: source.kind,
    metadata: {
      ...existing?.metadata,
      name: primaryName(source.metadata.name),
      ...(source.metadata.namespace !== undefined && { namespace: source.metadata.namespace }),
      ownerReferences: withOwner(existing, owner),
    },
    spec: {
      ...source.spec,
      scaleTargetRef: { ...source.spec?.scaleTargetRef, name: primaryName(spec.targetRef.name) },
      ...(minReplicas !== undefined && { minReplicas }),
      ...(maxReplicas !== undefined && { maxReplicas }),
    },
  };
  return existing !== undefined && canonicalJson(existing.spec) === canonicalJson(wanted.spec) ? undefined : wanted;
}
