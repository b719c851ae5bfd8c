/** A VirtualService and a DestinationRule with every group of fields set. */

import { CANARY_MATCH, CORS, HEADERS } from './example-fields.ts';

const ISTIO_MATCH = {
  ...CANARY_MATCH,
  authority: { prefix: 'shop' },
  statPrefix: 'shop',
};
const DESTINATION = { host: 'shop', subset: 'v1', port: { number: 80 } };

export const VIRTUAL_SERVICE = {
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

export const DESTINATION_RULE = {
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
