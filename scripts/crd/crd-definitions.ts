/** The CustomResourceDefinitions that Sluice installs: which kinds, which columns, which schema. */

import type { z } from 'zod';
import { CANARY, canarySpecSchema, canaryStatusSchema } from '../../src/canary/canary.schema.ts';
import { ANALYSIS_STRATEGIES } from '../../src/canary/canary-analysis.schema.ts';
import {
  ROLLOUT_ACTION,
  rolloutActionSpecSchema,
  rolloutActionStatusSchema,
} from '../../src/canary/rollout-action.schema.ts';
import type { ResourceType } from '../../src/lib/resource.ts';
import { ISTIO_KINDS } from '../../src/mesh/istio-kinds.ts';
import { METRIC_TEMPLATE, metricTemplateSpecSchema } from '../../src/metrics/metric-template.schema.ts';
import { ALERT_PROVIDER, alertProviderSpecSchema } from '../../src/notify/alert-provider.schema.ts';
import { type JsonSchema, structuralSchema } from './structural-schema.ts';

export type CrdColumn = { name: string; type: string; jsonPath: string; priority?: number; description?: string };

export type CrdDefinition = {
  /** All served versions share one schema; the first one is stored. */
  types: readonly ResourceType[];
  singular: string;
  shortNames?: readonly string[];
  categories: readonly string[];
  annotations?: Readonly<Record<string, string>>;
  columns: readonly CrdColumn[];
  spec: JsonSchema;
  status: JsonSchema;
};

const wide = (name: string, type: string, jsonPath: string): CrdColumn => ({ name, type, jsonPath, priority: 1 });
const preserved: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Like Flagger's: uninstalling the chart must not delete everybody's canaries. */
const KEEP = { 'helm.sh/resource-policy': 'keep' };

const FLAGGER_DEFINITIONS: readonly CrdDefinition[] = [
  {
    types: [CANARY],
    singular: 'canary',
    categories: ['all'],
    annotations: KEEP,
    columns: [
      { name: 'Status', type: 'string', jsonPath: '.status.phase' },
      { name: 'Weight', type: 'number', jsonPath: '.status.canaryWeight' },
      wide('Suspended', 'boolean', '.spec.suspend'),
      wide('FailedChecks', 'string', '.status.failedChecks'),
      wide('Interval', 'string', '.spec.analysis.interval'),
      wide('Mirror', 'boolean', '.spec.analysis.mirror'),
      wide('StepWeight', 'string', '.spec.analysis.stepWeight'),
      wide('StepWeights', 'string', '.spec.analysis.stepWeights'),
      wide('MaxWeight', 'string', '.spec.analysis.maxWeight'),
      { name: 'LastTransitionTime', type: 'string', jsonPath: '.status.lastTransitionTime' },
    ],
    spec: withStrategies(structuralSchema(canarySpecSchema)),
    status: structuralSchema(canaryStatusSchema),
  },
  {
    types: [METRIC_TEMPLATE],
    singular: 'metrictemplate',
    categories: ['all'],
    annotations: KEEP,
    columns: [{ name: 'Provider', type: 'string', jsonPath: '.spec.provider.type' }],
    spec: structuralSchema(metricTemplateSpecSchema),
    status: preserved,
  },
  {
    types: [ALERT_PROVIDER],
    singular: 'alertprovider',
    categories: ['all'],
    annotations: KEEP,
    columns: [{ name: 'Type', type: 'string', jsonPath: '.spec.type' }],
    spec: structuralSchema(alertProviderSpecSchema),
    status: preserved,
  },
];

const ROLLOUT_ACTION_DEFINITION: CrdDefinition = {
  types: [ROLLOUT_ACTION],
  singular: 'rolloutaction',
  shortNames: ['ra'],
  categories: [],
  columns: [
    { name: 'Canary', type: 'string', jsonPath: '.spec.canary' },
    { name: 'Action', type: 'string', jsonPath: '.spec.action' },
    { name: 'Gate', type: 'string', jsonPath: '.spec.gate' },
    { name: 'By', type: 'string', jsonPath: '.spec.by' },
    { name: 'Outcome', type: 'string', jsonPath: '.status.outcome' },
    wide('Revision', 'string', '.spec.revision'),
    wide('Message', 'string', '.status.message'),
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  spec: structuralSchema(rolloutActionSpecSchema),
  status: structuralSchema(rolloutActionStatusSchema),
};

export const CRD_DEFINITIONS: readonly CrdDefinition[] = [
  ...FLAGGER_DEFINITIONS,
  ROLLOUT_ACTION_DEFINITION,
  ...ISTIO_KINDS.map((kind) => ({
    types: kind.type,
    singular: kind.singular,
    shortNames: kind.shortNames,
    categories: kind.categories,
    columns: kind.columns,
    spec: structuralSchema(kind.schema as z.ZodType),
    status: structuralSchema(kind.status as z.ZodType),
  })),
];

/** Flagger's `oneOf`, with `stages` as a fourth alternative: exactly one strategy, so that none is silently ignored. */
function withStrategies(spec: JsonSchema): JsonSchema {
  const analysis = spec.properties?.analysis ?? {};
  const oneOf = ANALYSIS_STRATEGIES.map((strategy) => ({ required: ['interval', 'threshold', strategy] }));
  return { ...spec, properties: { ...spec.properties, analysis: { ...analysis, oneOf } } };
}
