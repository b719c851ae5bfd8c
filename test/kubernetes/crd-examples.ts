/** One object of every kind of deploy/crds, with every group of fields set: what a schema forgets, a real API server drops. */

import type { KubeObject } from '../../src/lib/resource.ts';

const WORDS = { exact: 'a' };
const HEADERS = {
  request: { add: { 'x-added': '1' }, set: { 'x-set': '1' }, remove: ['x-removed'] },
  response: { add: { 'x-added': '2' }, set: { 'x-set': '2' }, remove: ['x-removed'] },
};
const CORS = {
  allowOrigin: ['https://shop.example'],
  allowOrigins: [{ regex: '.*' }],
  allowMethods: ['GET'],
  allowHeaders: ['x-a'],
  exposeHeaders: ['x-b'],
  maxAge: '24h',
  allowCredentials: true,
};
const METADATA = { labels: { team: 'shop' }, annotations: { note: 'n' } };
const AT = '2026-01-01T00:00:00Z';

const CANARY_MATCH = {
  name: 'm',
  uri: { prefix: '/' },
  scheme: WORDS,
  method: { exact: 'GET' },
  authority: { suffix: '.example' },
  headers: { 'user-type': { regex: 'internal|staff' } },
  port: 80,
  sourceLabels: { app: 'web' },
  gateways: ['mesh'],
  queryParams: { beta: WORDS },
  ignoreUriCase: true,
  withoutHeaders: { 'x-robot': WORDS },
  sourceNamespace: 'web',
};

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

const ISTIO_MATCH = {
  ...CANARY_MATCH,
  authority: { prefix: 'shop' },
  statPrefix: 'shop',
};
const DESTINATION = { host: 'shop', subset: 'v1', port: { number: 80 } };

const VIRTUAL_SERVICE = {
  kind: 'VirtualService',
  metadata: { name: 'example' },
  spec: {
    hosts: ['shop', 'shop.example'],
    gateways: ['mesh'],
    exportTo: ['.'],
    http: [
      {
        name: 'split',
        match: [ISTIO_MATCH],
        route: [
          { destination: DESTINATION, weight: 90, headers: HEADERS },
          { destination: { host: 'shop-canary' }, weight: 10 },
        ],
        rewrite: { uri: '/', authority: 'shop', uriRegexRewrite: { match: '/a/(.*)', rewrite: '/\\1' } },
        timeout: '15s',
        retries: {
          attempts: 3,
          perTryTimeout: '1s',
          retryOn: '5xx,reset',
          retryRemoteLocalities: true,
          retryIgnorePreviousHosts: true,
          backoff: '25ms',
        },
        fault: {
          delay: { percentage: { value: 0.1 }, fixedDelay: '5s' },
          abort: { percentage: { value: 0.1 }, httpStatus: 503 },
        },
        mirror: DESTINATION,
        mirrorPercentage: { value: 5 },
        mirrors: [{ destination: DESTINATION, percentage: { value: 5 } }],
        corsPolicy: { ...CORS, unmatchedPreflights: 'FORWARD' },
        headers: HEADERS,
      },
      {
        redirect: { uri: '/', authority: 'new', port: 80, scheme: 'https', redirectCode: 308 },
      },
      { directResponse: { status: 503, body: { string: 'closed' } } },
      { delegate: { name: 'other', namespace: 'web' } },
    ],
    tls: [{ match: [{ port: 443, sniHosts: ['shop.example'] }], route: [{ destination: DESTINATION, weight: 100 }] }],
    tcp: [{ match: [{ port: 27017 }], route: [{ destination: DESTINATION, weight: 100 }] }],
  },
  status: { observedGeneration: 1, tableVersion: 7 },
};

const TRAFFIC_POLICY = {
  loadBalancer: { simple: 'LEAST_REQUEST', localityLbSetting: { enabled: true }, warmup: { duration: '30s' } },
  connectionPool: {
    tcp: { maxConnections: 100, connectTimeout: '1s', idleTimeout: '1h', tcpKeepalive: { time: '60s' } },
    http: {
      http1MaxPendingRequests: 10,
      http2MaxRequests: 100,
      maxRequestsPerConnection: 1,
      maxRetries: 3,
      idleTimeout: '1h',
      h2UpgradePolicy: 'DO_NOT_UPGRADE',
      useClientProtocol: true,
      maxConcurrentStreams: 100,
    },
  },
  outlierDetection: {
    consecutiveGatewayErrors: 5,
    consecutive5xxErrors: 5,
    consecutiveLocalOriginFailures: 5,
    splitExternalLocalOriginErrors: true,
    interval: '10s',
    baseEjectionTime: '30s',
    maxEjectionPercent: 50,
    minHealthPercent: 10,
  },
  tls: { mode: 'MUTUAL', clientCertificate: 'c', privateKey: 'k', sni: 's', subjectAltNames: ['a'] },
};

const DESTINATION_RULE = {
  kind: 'DestinationRule',
  metadata: { name: 'example' },
  spec: {
    host: 'shop',
    exportTo: ['*'],
    trafficPolicy: {
      ...TRAFFIC_POLICY,
      portLevelSettings: [{ port: { number: 80 }, ...TRAFFIC_POLICY }],
      tunnel: { protocol: 'CONNECT', targetHost: 'h', targetPort: 1 },
      proxyProtocol: { version: 'V2' },
    },
    subsets: [{ name: 'v1', labels: { version: 'v1' }, trafficPolicy: TRAFFIC_POLICY }],
    workloadSelector: { matchLabels: { app: 'web' } },
  },
  status: { observedGeneration: 1 },
};

/** Every served version of every kind. */
export const CRD_EXAMPLES: readonly KubeObject[] = [
  CANARY_EXAMPLE,
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'example' },
    spec: {
      provider: {
        type: 'prometheus',
        address: 'http://prometheus:9090',
        headers: { 'x-scope-orgid': ['shop'] },
        secretRef: { name: 's' },
        region: 'eu',
        insecureSkipVerify: true,
      },
      query: 'vector(1)',
    },
  },
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'AlertProvider',
    metadata: { name: 'example' },
    spec: { type: 'slack', channel: 'c', username: 'u', proxy: 'http://proxy', secretRef: { name: 's' } },
  },
  {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'RolloutAction',
    metadata: { name: 'example' },
    spec: {
      canary: 'shop',
      canaryUid: 'u',
      revision: 'r',
      gate: 'staff',
      action: 'Approve',
      by: 'me',
      reason: 'looks good',
    },
    status: { outcome: 'Applied', message: 'm', at: AT },
  },
  ...['v1', 'v1beta1', 'v1alpha3'].flatMap((version) =>
    [VIRTUAL_SERVICE, DESTINATION_RULE].map((example) => ({
      apiVersion: `networking.istio.io/${version}`,
      ...example,
    })),
  ),
];
