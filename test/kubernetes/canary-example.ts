/** A Canary with every group of fields set. */

import type { KubeObject } from '../../src/lib/resource.ts';
import { AT, CANARY_MATCH, CORS, HEADERS } from './example-fields.ts';

const METADATA = { labels: { team: 'shop' }, annotations: { note: 'n' } };

const CHECKS = [
  { name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99, max: 100 } },
  { name: 'inline', threshold: 0.5, query: 'vector(1)' },
  { name: 'own', templateRef: { name: 'own', namespace: 'metrics' }, templateVariables: { path: '/cart' } },
];

const WEBHOOK_TYPES = [
  ...['confirm-rollout', 'pre-rollout', 'rollout', 'confirm-promotion', 'post-rollout', 'event', 'rollback'],
  'confirm-traffic-increase',
];

export const CANARY_EXAMPLE = {
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'example' },
  spec: {
    provider: 'istio',
    metricsServer: 'http://prometheus:9090',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
    autoscalerRef: {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      name: 'shop',
      primaryScalerQueries: { load: 'sum(rate(requests[1m]))' },
      primaryScalerReplicas: { minReplicas: 1, maxReplicas: 5 },
    },
    ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'shop' },
    routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'shop' },
    upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'shop', namespace: 'gloo' },
    progressDeadlineSeconds: 60,
    skipAnalysis: false,
    revertOnDeletion: true,
    suspend: false,
    service: {
      name: 'shop',
      port: 80,
      portName: 'http',
      targetPort: 'http',
      appProtocol: 'http',
      trafficDistribution: 'PreferClose',
      portDiscovery: true,
      headless: false,
      timeout: '15s',
      backendTimeout: '10s',
      gateways: ['mesh', 'ingress/public'],
      gatewayRefs: [
        { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'g', namespace: 'n', sectionName: 's', port: 80 },
      ],
      hosts: ['shop.example'],
      delegation: false,
      trafficPolicy: {
        connectionPool: { http: { http2MaxRequests: 100, h2UpgradePolicy: 'UPGRADE' } },
        loadBalancer: { consistentHash: { httpCookie: { name: 'c', path: '/', ttl: '1h' } } },
        outlierDetection: { consecutive5xxErrors: 5 },
        tls: { mode: 'ISTIO_MUTUAL' },
      },
      match: [CANARY_MATCH],
      rewrite: { uri: '/', authority: 'shop', type: 'ReplacePrefixMatch' },
      retries: { attempts: 3, perTryTimeout: '1s', retryOn: 'gateway-error' },
      headers: HEADERS,
      mirror: [{ backendRef: { group: '', kind: 'Service', name: 'mirror', namespace: 'n', port: 80 } }],
      corsPolicy: CORS,
      meshName: 'mesh',
      backends: ['backend'],
      apex: METADATA,
      primary: METADATA,
      canary: METADATA,
      unmanagedMetadata: { annotations: ['a'], labels: ['b'] },
    },
    analysis: {
      interval: '30s',
      threshold: 5,
      maxWeight: 50,
      stepWeight: 10,
      stepWeightPromotion: 20,
      mirror: true,
      mirrorWeight: 10,
      primaryReadyThreshold: 100,
      canaryReadyThreshold: 90,
      match: [CANARY_MATCH],
      metrics: CHECKS,
      webhooks: WEBHOOK_TYPES.map((type) => ({
        name: type,
        url: 'http://load-tester/',
        type,
        muteAlert: true,
        timeout: '5s',
        retries: 2,
        disableTLS: true,
        metadata: { cmd: 'hey' },
      })),
      alerts: ['info', 'warn', 'error'].map((severity) => ({
        name: severity,
        providerRef: { name: 'chat', namespace: 'n' },
        severity,
      })),
      sessionAffinity: {
        cookieName: 'canary',
        maxAge: 60,
        primaryCookieName: 'primary',
        domain: 'shop.example',
        httpOnly: true,
        partitioned: true,
        path: '/',
        sameSite: 'Strict',
        secure: true,
      },
      onNoData: 'hold',
      judge: { kind: 'sequential', alpha: 0.05 },
    },
  },
  status: {
    phase: 'Progressing',
    failedChecks: 1,
    canaryWeight: 10,
    iterations: -1,
    lastAppliedSpec: 'a',
    lastPromotedSpec: 'b',
    trackedConfigs: { 'configmap/shop': 'c' },
    lastTransitionTime: AT,
    sessionAffinityCookie: 'a=1',
    primarySessionAffinityCookie: 'b=1',
    previousSessionAffinityCookie: 'c=1',
    conditions: [
      {
        type: 'Promoted',
        status: 'Unknown',
        reason: 'Progressing',
        message: 'm',
        lastUpdateTime: AT,
        lastTransitionTime: AT,
      },
    ],
  },
} satisfies KubeObject;

/** Every field of a stage. */
export const STAGES = [
  {
    name: 'staff',
    weight: 10,
    match: [CANARY_MATCH],
    mirror: 5,
    duration: '1h30m',
    approval: 'required',
    metrics: CHECKS,
  },
  { name: 'half', weight: 50, iterations: 3, approval: 'none' },
];
