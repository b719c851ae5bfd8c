/** The MetricTemplate resource of `flagger.app/v1beta1`: a query, and the server that answers it. */

import { z } from 'zod';
import type { ResourceType } from '../lib/resource.ts';

export const METRIC_TEMPLATE: ResourceType = {
  group: 'flagger.app',
  version: 'v1beta1',
  kind: 'MetricTemplate',
  plural: 'metrictemplates',
  namespaced: true,
};

export const PROVIDER_TYPES = [
  'prometheus',
  'influxdb',
  'datadog',
  'externalmetrics',
  'stackdriver',
  'cloudwatch',
  'newrelic',
  'graphite',
  'dynatrace',
  'keptn',
  'splunk',
] as const;

const providerSchema = z.object({
  type: z.enum(PROVIDER_TYPES).describe('Type of the metrics server'),
  address: z.string().optional().describe('API address of the metrics server'),
  headers: z.record(z.string(), z.array(z.string())).optional().describe('Headers that each request carries'),
  secretRef: z
    .object({ name: z.string() })
    .optional()
    .describe('Secret, in the namespace of the template, that holds the credentials'),
  region: z.string().optional().describe('Region of the metrics server'),
  insecureSkipVerify: z.boolean().optional().describe('Accept any certificate'),
});

export const metricTemplateSpecSchema = z.object({
  provider: providerSchema,
  query: z.string().describe('Query with {{ placeholders }}; it has to return one number'),
});

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().optional(),
  lastTransitionTime: z.string().optional(),
});

export const metricTemplateSchema = z.object({
  apiVersion: z.literal('flagger.app/v1beta1'),
  kind: z.literal('MetricTemplate'),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
  spec: metricTemplateSpecSchema,
  status: z.object({ conditions: z.array(conditionSchema).optional() }).optional(),
});

export type MetricTemplateSpec = z.output<typeof metricTemplateSpecSchema>;
export type MetricProviderSpec = MetricTemplateSpec['provider'];
export type MetricTemplate = z.output<typeof metricTemplateSchema>;
