/**
 * What five much-read articles about Istio show, written anew: `says` are the codes of the notices beside the usual ones (a destination
 * that is missing, a field that the proxy does not serve); `strict` what `--strict` says instead, where that differs.
 */

export type ArticleExample = { name: string; yaml: string; says?: readonly string[]; strict?: readonly string[] };

const object = (kind: string, spec: string, apiVersion = 'networking.istio.io/v1beta1', name = 'tested') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
const virtualService = (http: string, hosts = '[reviews]') =>
  object('VirtualService', `hosts: ${hosts}\nhttp:\n${http.replace(/^/gm, '  ')}`);
const destinationRule = (rest: string, host = 'reviews', apiVersion = 'networking.istio.io/v1beta1') =>
  object('DestinationRule', `host: ${host}\n${rest}`, apiVersion);
const policy = (blocks: string) => destinationRule(`trafficPolicy:\n${blocks.replace(/^/gm, '  ')}`);

const V1 = '{ destination: { host: reviews, subset: v1 } }';
const V2 = '{ destination: { host: reviews, subset: v2 } }';

export const ARTICLE_EXAMPLES: readonly ArticleExample[] = [
  {
    name: 'a header match before the default',
    yaml: virtualService(`- match: [{ headers: { end-user: { exact: jason } } }]\n  route: [${V2}]\n- route: [${V1}]`),
  },
  {
    name: 'pool and balancers of a rule with three subsets',
    yaml: destinationRule(`trafficPolicy:
  loadBalancer: { simple: RANDOM }
  connectionPool:
    tcp: { maxConnections: 100, connectTimeout: 30ms }
    http: { http1MaxPendingRequests: 1, maxRequestsPerConnection: 10 }
subsets:
  - { name: v1, labels: { version: v1 } }
  - { name: v2, labels: { version: v2 }, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } } }
  - { name: v3, labels: { version: v3 } }`),
  },
  { name: 'the old name of least request', yaml: policy('loadBalancer: { simple: LEAST_CONN }'), says: ['SL0320'] },
  {
    name: 'outlier detection by server errors',
    yaml: policy(
      'outlierDetection: { consecutive5xxErrors: 7, interval: 5s, baseEjectionTime: 30s, maxEjectionPercent: 20 }',
    ),
  },
  {
    name: 'a gateway that sends everyone to HTTPS',
    yaml: object(
      'Gateway',
      `selector: { istio: ingressgateway }
servers:
  - { port: { number: 80, name: http, protocol: HTTP }, hosts: ['*'], tls: { httpsRedirect: true } }
  - port: { number: 443, name: https, protocol: HTTPS }
    hosts: [bookinfo.example.com]
    tls: { mode: SIMPLE, credentialName: bookinfo-cert }`,
    ),
  },
  {
    name: 'hosts outside the mesh',
    yaml: object(
      'ServiceEntry',
      `hosts: [a.example.com, b.example.com, c.example.com]
location: MESH_EXTERNAL
ports: [{ number: 443, name: https, protocol: HTTPS }]
resolution: DNS`,
    ),
  },
  {
    name: 'a 90 to 10 split',
    yaml: virtualService(
      `- route: [{ destination: { host: reviews }, weight: 90 }, { destination: { host: ratings }, weight: 10 }]`,
    ),
  },
  {
    name: 'browsers and prefixes',
    yaml: virtualService(
      `- match: [{ headers: { user-agent: { regex: '.*Chrome.*' } } }]\n  route: [${V2}]\n- match: [{ uri: { prefix: /api/v2 } }]\n  route: [${V1}]\n- route: [${V1}]`,
    ),
  },
  {
    name: 'a consistent hash by header',
    yaml: policy('loadBalancer: { consistentHash: { httpHeaderName: x-user-id } }'),
  },
  {
    name: 'distribute beside failover',
    yaml: policy(`loadBalancer:
  localityLbSetting:
    enabled: true
    distribute: [{ from: us-west/zone1/*, to: { us-west/zone1/*: 80, us-west/zone2/*: 20 } }]
    failover: [{ from: us-east, to: eu-west }]`),
    says: ['SL0321'],
    strict: ['error SL0321'],
  },
  {
    name: 'a mirrored tenth by its oldest name',
    yaml: virtualService(`- route: [{ destination: { host: reviews, subset: v1 }, weight: 100 }]
  mirror: { host: reviews, subset: v2 }
  mirror_percent: 10
  timeout: 1s`),
    says: ['SL0320'],
  },
  {
    name: 'a mirrored tenth by its old name',
    yaml: virtualService(`- route: [${V1}]\n  mirror: { host: reviews, subset: v2 }\n  mirrorPercent: 10`),
    says: ['SL0320'],
  },
  {
    name: 'retries whose conditions do not hold for a slow try',
    yaml: virtualService(`- route: [${V1}]
  timeout: 2.5s
  retries: { attempts: 3, perTryTimeout: 2s, retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes' }`),
    says: ['SL0307'],
  },
  {
    name: 'conditions of retries as a list',
    yaml: virtualService(`- route: [${V1}]
  retries: { attempts: 5, perTryTimeout: 1s, retryOn: [5xx, gateway-error, connect-failure], retryRemoteLocalities: true }`),
    says: ['SL0320'],
    strict: ['error SL0320'],
  },
  {
    name: 'consecutiveErrors',
    yaml: policy(
      'outlierDetection: { consecutiveErrors: 7, interval: 5m, baseEjectionTime: 15m, maxEjectionPercent: 100 }',
    ),
    says: ['SL0320'],
  },
  {
    name: 'a delay beside an abort',
    yaml: virtualService(`- route: [${V1}]
  fault:
    delay: { percentage: { value: 50 }, fixedDelay: 7s }
    abort: { percentage: { value: 10 }, httpStatus: 500 }`),
  },
  {
    name: 'a delay of a whole per cent',
    yaml: virtualService(`- route: [${V1}]\n  fault: { delay: { percent: 10, fixedDelay: 5s } }`),
    says: ['SL0320'],
  },
  {
    name: 'a canary of the rollout controller, which stands beside without a word',
    yaml: object('Canary', 'analysis: { maxWeight: 50, stepWeight: 10 }', 'flagger.app/v1beta1'),
  },
  {
    name: 'a kind of another program',
    yaml: object('Service', 'template: {}', 'serving.knative.dev/v1'),
    says: ['SL0325'],
  },
  {
    name: 'endpoints with ports and localities',
    yaml: object(
      'ServiceEntry',
      `hosts: [reviews.global]
location: MESH_INTERNAL
ports: [{ number: 80, name: http, protocol: http }]
resolution: DNS
endpoints: [{ address: 127.0.0.1, locality: us-west/zone1, ports: { http: 15443 } }]`,
    ),
  },
  {
    name: 'mutual TLS everywhere',
    yaml: object('PeerAuthentication', 'mtls: { mode: STRICT }', 'security.istio.io/v1beta1'),
    says: ['SL0324'],
  },
  {
    name: 'an access log by Telemetry',
    yaml: object('Telemetry', 'accessLogging: [{ providers: [{ name: envoy }] }]', 'telemetry.istio.io/v1alpha1'),
    says: ['SL0324'],
  },
  {
    name: 'a wildcard rule with a pool',
    yaml: destinationRule(
      'trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 } } }',
      "'*.svc.cluster.local'",
    ),
  },
  {
    name: 'slow start by EnvoyFilter',
    yaml: object(
      'EnvoyFilter',
      `configPatches:
  - applyTo: CLUSTER
    match: { context: SIDECAR_OUTBOUND, cluster: { service: reviews.default.svc.cluster.local } }
    patch: { operation: MERGE, value: { slow_start_config: { slow_start_window: 30s, aggression: { default_value: 1.0 } } } }`,
      'networking.istio.io/v1alpha3',
    ),
    says: ['SL0320'],
    strict: ['SL0324'],
  },
  {
    name: 'tenants by header, rewritten without a closing slash',
    yaml: virtualService(
      `- match: [{ headers: { tenant: { exact: a } } }]\n  rewrite: { uri: /tenant/tenant-a }\n  route: [${V1}]`,
    ),
    says: ['SL0307'],
  },
  {
    name: 'a filter in WebAssembly',
    yaml: object(
      'WasmPlugin',
      'url: oci://registry.example/filter:1.0.0\nphase: AUTHN',
      'extensions.istio.io/v1alpha1',
    ),
    says: ['SL0324'],
  },
  {
    name: 'maxConnections below http, beside that below tcp',
    yaml: policy('connectionPool: { tcp: { maxConnections: 1000 }, http: { maxConnections: 100 } }'),
    says: ['SL0320'],
    strict: ['error SL0320'],
  },
  {
    name: 'a DestinationRule in the security group',
    yaml: destinationRule('trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }', 'reviews', 'security.istio.io/v1beta1'),
    says: ['SL0322'],
    strict: ['error SL0322'],
  },
  {
    name: 'maxPendingRequests',
    yaml: policy(
      'connectionPool: { http: { maxConnections: 1000, http2MaxRequests: 10000, idleTimeout: 30s, maxPendingRequests: 500 }, tcp: { maxConnections: 2000, connectTimeout: 10s } }',
    ),
    says: ['SL0320', 'SL0320'],
    strict: ['error SL0320', 'error SL0320'],
  },
  {
    name: 'a simple balancer beside a consistent hash',
    yaml: policy(
      'loadBalancer: { simple: ROUND_ROBIN, consistentHash: { httpHeaderName: X-Forwarded-For, minimumRingSize: 4 } }\noutlierDetection: { consecutiveErrors: 1 }',
    ),
    says: ['SL0320', 'SL0320', 'SL0321'],
    strict: ['SL0320', 'SL0320', 'error SL0321'],
  },
  {
    name: 'minHealthPercentage beside an empty keepalive',
    yaml: policy('connectionPool: { tcp: { tcpKeepalive: {} } }\noutlierDetection: { minHealthPercentage: 95 }'),
    says: ['SL0320'],
    strict: ['error SL0320'],
  },
  {
    name: 'retries in a DestinationRule',
    yaml: policy('retryPolicy: { maxAttempts: 3, perTryTimeout: 2s, retryOn: 5xx }'),
    says: ['SL0320'],
    strict: ['error SL0320'],
  },
  {
    name: 'an AuthorizationPolicy of the role-based group',
    yaml: object('AuthorizationPolicy', 'rules: [{}]', 'rbac.istio.io/v1alpha1'),
    says: ['SL0322', 'SL0324'],
    strict: ['error SL0322'],
  },
  {
    name: 'a RouteRule',
    yaml: object('RouteRule', 'destination: { name: reviews }\nprecedence: 1', 'config.istio.io/v1alpha2'),
    says: ['error SL0323'],
  },
  {
    name: 'a ServiceRole',
    yaml: object('ServiceRole', 'rules: []', 'rbac.istio.io/v1alpha1'),
    says: ['error SL0323'],
  },
  {
    name: 'a Policy of authentication',
    yaml: object('Policy', 'peers: [{ mtls: {} }]', 'authentication.istio.io/v1alpha1'),
    says: ['error SL0323'],
  },
  {
    name: 'old lists of origins',
    yaml: virtualService(`- route: [${V1}]\n  corsPolicy: { allowOrigin: ['https://example.com'] }`),
    says: ['SL0320'],
  },
  {
    name: 'the old name of a warm-up',
    yaml: policy('loadBalancer: { simple: LEAST_REQUEST, warmupDurationSecs: 30s }'),
    says: ['SL0320'],
  },
  {
    name: 'an address of documentation under DNS',
    yaml: object(
      'ServiceEntry',
      `hosts: [auth.external-service.com]
location: MESH_EXTERNAL
ports: [{ number: 443, name: https, protocol: HTTPS }]
resolution: DNS
endpoints: [{ address: 203.0.113.1 }]`,
    ),
  },
  {
    name: 'three tries of two seconds',
    yaml: virtualService(`- route: [${V1}]\n  timeout: 5s\n  retries: { attempts: 3, perTryTimeout: 2s }`),
    says: ['SL0307'],
  },
  {
    name: 'a misspelled condition',
    yaml: virtualService(`- matches: [{ uri: { prefix: /a } }]\n  route: [${V1}]`),
    says: ['error SL0300'],
  },
  { name: 'an unknown field', yaml: destinationRule('labels: { a: b }'), says: ['SL0301'], strict: ['error SL0300'] },
  { name: 'an unknown kind', yaml: object('VirtualServce', 'hosts: [a]'), says: ['SL0325'] },
  {
    name: 'a document that lost its indentation',
    yaml: 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\nname: payments\nspec:\nhosts:\n- a\nhttp:\n- route:\n- destination:\nhost: a\nweight: 90\n- destination:\nhost: b\nweight: 10\n',
    says: ['error SL0121'],
  },
  {
    name: 'a document of which a part stands one blank off',
    yaml: "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: backend\nspec:\n  hosts: [a]\n  tls:\n  - match:\n    - sniHosts: ['*']\n     serverCertificate: /etc/a\n",
    says: ['error SL0121'],
  },
];
