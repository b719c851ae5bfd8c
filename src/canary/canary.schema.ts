/** The Canary: `flagger.app/v1beta1`, a superset of Flagger's, so that manifests written for it run unchanged. */

import { z } from 'zod';
import { type Parsed, parseWith } from '../lib/issue.ts';
import type { KubeObject, ResourceType } from '../lib/resource.ts';
import { analysisSchema } from './canary-analysis.schema.ts';
import { serviceSchema } from './canary-service.schema.ts';
import { rolloutRecordSchema } from './rollout-record.ts';

export const CANARY: ResourceType = {
  group: 'flagger.app',
  version: 'v1beta1',
  kind: 'Canary',
  plural: 'canaries',
  namespaced: true,
};

const PROVIDERS = [
  ...['apisix', 'appmesh', 'appmesh:v1beta2', 'contour', 'gatewayapi:v1', 'gatewayapi:v1beta1', 'gloo', 'istio'],
  ...['knative', 'kubernetes', 'kuma', 'linkerd', 'nginx', 'osm', 'skipper', 'smi:v1alpha1', 'smi:v1alpha2'],
  ...['smi:v1alpha3', 'traefik', 'sluice'],
] as [string, ...string[]];

function referenceTo(...kinds: [string, ...string[]]) {
  return { apiVersion: z.string(), kind: z.enum(kinds), name: z.string().min(1) };
}

export const canarySpecSchema = z.object({
  provider: z.enum(PROVIDERS).optional(),
  metricsServer: z.string().optional(),
  targetRef: z.object(referenceTo('DaemonSet', 'Deployment', 'Service')),
  autoscalerRef: z
    .object({
      ...referenceTo('HorizontalPodAutoscaler', 'ScaledObject'),
      primaryScalerQueries: z.record(z.string(), z.string()).optional(),
      primaryScalerReplicas: z
        .object({ minReplicas: z.number().min(1).optional(), maxReplicas: z.number().min(1).optional() })
        .optional(),
    })
    .optional(),
  ingressRef: z.object(referenceTo('Ingress')).optional(),
  routeRef: z.object(referenceTo('ApisixRoute')).optional(),
  upstreamRef: z.object({ ...referenceTo('Upstream'), namespace: z.string().optional() }).optional(),
  service: serviceSchema.optional(),
  analysis: analysisSchema,
  /** How long, in seconds, pods may take to become ready and a stage may go without data; 600 when absent. */
  progressDeadlineSeconds: z.number().optional(),
  skipAnalysis: z.boolean().optional(),
  revertOnDeletion: z.boolean().optional(),
  suspend: z.boolean().optional(),
});

export type CanarySpec = z.output<typeof canarySpecSchema>;

/** Flagger's phases; `Terminated` is never written there either, and is accepted. */
export const CANARY_PHASES = [
  'Initializing',
  'Initialized',
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
  'Failed',
  'Terminating',
  'Terminated',
] as const;

export type CanaryPhase = (typeof CANARY_PHASES)[number];

const conditionSchema = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  lastTransitionTime: z.string().optional(),
  observedGeneration: z.number().optional(),
});

export type CanaryCondition = z.output<typeof conditionSchema>;

export const canaryStatusSchema = z.object({
  phase: z.enum(['', ...CANARY_PHASES]).optional(),
  failedChecks: z.number().optional(),
  canaryWeight: z.number().optional(),
  iterations: z.number().optional(),
  observedGeneration: z.number().optional(),
  lastAppliedSpec: z.string().optional(),
  lastPromotedSpec: z.string().optional(),
  trackedConfigs: z.record(z.string(), z.string()).optional(),
  lastTransitionTime: z.string().optional(),
  sessionAffinityCookie: z.string().optional(),
  primarySessionAffinityCookie: z.string().optional(),
  previousSessionAffinityCookie: z.string().optional(),
  conditions: z.array(conditionSchema).optional(),
  rollout: rolloutRecordSchema.optional(),
});

export type CanaryStatus = z.output<typeof canaryStatusSchema>;

/** A Canary as the API server holds it; `spec` may be anything until `parseCanarySpec` has seen it. */
export type Canary = KubeObject & { spec: CanarySpec; status?: CanaryStatus };

/** The spec of a Canary, or every issue in it, with paths from `spec`. */
export function parseCanarySpec(canary: KubeObject): Parsed<CanarySpec> {
  const parsed = parseWith(z.object({ spec: canarySpecSchema }), canary);
  return parsed.ok ? { ok: true, value: parsed.value.spec } : parsed;
}
