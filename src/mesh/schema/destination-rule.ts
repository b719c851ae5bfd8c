/** Istio's DestinationRule (networking.istio.io): shape, validation, parsing. Rules: istio.md §4, §5 and §11. */

import { z } from 'zod';
import type { Issue } from '../../lib/issue.ts';
import { isDnsLabel } from './dns-label.ts';
import { durationOrZeroSchema, durationSchema } from './duration.ts';
import { type IstioObject, type ParsedIstio, parseIstio } from './envelope.ts';
import { isHostPattern } from './host-name.ts';
import { badSubset } from './validate-destination.ts';
import { validateExportTo, validateOwnNamespace } from './validate-export-to.ts';
import { validateLabels, validateSelector, warnSelector } from './validate-labels.ts';
import { validateTrafficPolicy, warnTrafficPolicy } from './validate-traffic-policy.ts';

const count = z.number().int().min(0);
const percent = z.number().int().min(0).max(100);

/** Which places are preferred; also the mesh's setting for all services. */
export const localityLbSettingSchema = z.object({
  enabled: z.boolean().optional(),
  distribute: z.array(z.object({ from: z.string(), to: z.record(z.string(), count) })).optional(),
  failover: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
  failoverPriority: z.array(z.string()).optional(),
});

const zoneAwareLbSettingSchema = localityLbSettingSchema.omit({ distribute: true });

const loadBalancerSchema = z.object({
  simple: z.enum(['UNSPECIFIED', 'LEAST_CONN', 'LEAST_REQUEST', 'ROUND_ROBIN', 'RANDOM', 'PASSTHROUGH']).optional(),
  consistentHash: z
    .object({
      httpHeaderName: z.string().min(1).optional(),
      httpQueryParameterName: z.string().min(1).optional(),
      useSourceIp: z.boolean().optional(),
      httpCookie: z
        .object({
          name: z.string().min(1),
          path: z.string().optional(),
          ttl: durationOrZeroSchema.optional(),
          attributes: z.array(z.object({ name: z.string().min(1), value: z.string().optional() })).optional(),
        })
        .optional(),
      minimumRingSize: count.optional(),
      ringHash: z.object({ minimumRingSize: count.optional() }).optional(),
      maglev: z.object({ tableSize: count.optional() }).optional(),
    })
    .optional(),
  localityLbSetting: localityLbSettingSchema.optional(),
  zoneAwareLbSetting: zoneAwareLbSettingSchema.optional(),
  warmupDurationSecs: durationSchema.optional(),
  warmup: z
    .object({
      duration: durationSchema,
      minimumPercent: z.number().min(0).max(100).optional(),
      aggression: z.number().positive().optional(),
    })
    .optional(),
});

export const connectionPoolSchema = z.object({
  tcp: z
    .object({
      maxConnections: count.optional(),
      connectTimeout: durationSchema.optional(),
      idleTimeout: durationSchema.optional(),
      maxConnectionDuration: durationSchema.optional(),
      tcpKeepalive: z
        .object({ probes: count.optional(), time: durationSchema.optional(), interval: durationSchema.optional() })
        .optional(),
    })
    .optional(),
  http: z
    .object({
      http1MaxPendingRequests: count.optional(),
      http2MaxRequests: count.optional(),
      maxRequestsPerConnection: count.optional(),
      maxRetries: count.optional(),
      idleTimeout: durationSchema.optional(),
      h2UpgradePolicy: z.enum(['DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE']).optional(),
      useClientProtocol: z.boolean().optional(),
      maxConcurrentStreams: count.optional(),
      http2KeepAlive: z.looseObject({}).optional(),
    })
    .optional(),
});

const outlierDetectionSchema = z.object({
  consecutiveErrors: count.optional(),
  consecutiveGatewayErrors: count.optional(),
  consecutive5xxErrors: count.optional(),
  consecutiveLocalOriginFailures: count.optional(),
  splitExternalLocalOriginErrors: z.boolean().optional(),
  interval: durationSchema.optional(),
  baseEjectionTime: durationSchema.optional(),
  maxEjectionPercent: percent.optional(),
  minHealthPercent: percent.optional(),
  outlierDetectionHttpErrorCodes: z.array(z.number().int().min(100).max(599)).optional(),
});

const clientTlsSchema = z.looseObject({
  mode: z.enum(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL']).optional(),
  clientCertificate: z.string().optional(),
  privateKey: z.string().optional(),
  caCertificates: z.string().optional(),
  caCrl: z.string().optional(),
  credentialName: z.string().optional(),
  subjectAltNames: z.array(z.string()).optional(),
  insecureSkipVerify: z.boolean().optional(),
});

const policyBlocks = {
  loadBalancer: loadBalancerSchema.optional(),
  connectionPool: connectionPoolSchema.optional(),
  outlierDetection: outlierDetectionSchema.optional(),
  tls: clientTlsSchema.optional(),
};

export const trafficPolicySchema = z.object({
  ...policyBlocks,
  portLevelSettings: z
    .array(z.object({ port: z.object({ number: z.number().int().min(1).max(65_535) }), ...policyBlocks }))
    .optional(),
  tunnel: z
    .looseObject({
      protocol: z.string().optional(),
      targetHost: z.string().optional(),
      targetPort: z.number().int().min(0).max(65_535).optional(),
    })
    .optional(),
  proxyProtocol: z.looseObject({ version: z.enum(['V1', 'V2']).optional() }).optional(),
  retryBudget: z
    .object({
      percent: z.number().min(0).max(100).optional(),
      minRetryConcurrency: count.optional(),
      budgetInterval: durationOrZeroSchema.optional(),
    })
    .optional(),
});

export const destinationRuleSpecSchema = z.object({
  host: z.string().min(1),
  trafficPolicy: trafficPolicySchema.optional(),
  subsets: z
    .array(
      z.object({
        name: z.string().min(1),
        labels: z.record(z.string(), z.string()).optional(),
        trafficPolicy: trafficPolicySchema.optional(),
      }),
    )
    .optional(),
  exportTo: z.array(z.string()).optional(),
  workloadSelector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).optional() }).optional(),
});

export type LocalitySpec = z.infer<typeof localityLbSettingSchema>;
export type TrafficPolicySpec = z.infer<typeof trafficPolicySchema>;
export type DestinationRuleSpec = z.infer<typeof destinationRuleSpecSchema>;
export type DestinationRule = IstioObject<DestinationRuleSpec>;

/** Parses one DestinationRule; unknown fields are warnings. */
export function parseDestinationRule(object: unknown): ParsedIstio<DestinationRule> {
  return parseIstio(object, {
    schema: destinationRuleSpecSchema,
    kind: 'DestinationRule',
    validate,
    warn,
    strictBelow: [],
  });
}

function validate(spec: DestinationRuleSpec, { namespace }: { namespace: string }): Issue[] {
  const exported = { ...spec, namespace };
  const names = (spec.subsets ?? []).map(({ name }) => name);
  return [
    ...(isHostPattern(spec.host) ? [] : [{ path: 'spec.host', message: `must be a host: got ${spec.host}` }]),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ path: 'spec.subsets', message: `must not repeat a subset name: got ${name}` })),
    ...validateTrafficPolicy(spec.trafficPolicy, 'spec.trafficPolicy'),
    ...(spec.subsets ?? []).flatMap(({ name, labels, trafficPolicy }, index) => [
      ...(isDnsLabel(name) ? [] : [badSubset(name, `spec.subsets[${index}].name`)]),
      ...validateLabels(labels, `spec.subsets[${index}].labels`),
      ...validateTrafficPolicy(trafficPolicy, `spec.subsets[${index}].trafficPolicy`),
    ]),
    ...validateSelector(spec.workloadSelector?.matchLabels, 'spec.workloadSelector.matchLabels'),
    ...(spec.workloadSelector === undefined
      ? validateExportTo(exported, 'DestinationRule')
      : validateOwnNamespace(exported)),
  ];
}

function warn({ trafficPolicy, subsets = [], workloadSelector }: DestinationRuleSpec): Issue[] {
  return [
    ...(workloadSelector === undefined
      ? []
      : warnSelector(workloadSelector.matchLabels, 'spec.workloadSelector.matchLabels')),
    ...warnTrafficPolicy(trafficPolicy, 'spec.trafficPolicy'),
    ...subsets.flatMap(({ trafficPolicy }, index) =>
      warnTrafficPolicy(trafficPolicy, `spec.subsets[${index}].trafficPolicy`),
    ),
  ];
}
