/**
 * The route table: what `discovery/` compiles out of Istio's resources and what the proxy serves. Plain JSON, because it
 * crosses a socket and is saved to a file; regular expressions travel as text and are built by whoever serves the table.
 *
 * Units: percentages 0 to 100, durations in milliseconds.
 */

/** Istio's StringMatch. `present` is the empty match of headers and query parameters: there, with any value. */
export type StringMatch =
  | { kind: 'exact'; value: string }
  | { kind: 'prefix'; value: string }
  /** RE2 syntax, whole-string match. */
  | { kind: 'regex'; value: string }
  | { kind: 'present' };

/** Conditions of one `match` entry: all of them must hold. Header names are lower case. */
export type RouteMatch = {
  uri?: StringMatch;
  ignoreUriCase?: boolean;
  method?: StringMatch;
  authority?: StringMatch;
  scheme?: StringMatch;
  headers?: Readonly<Record<string, StringMatch>>;
  /** Conditions that must NOT hold; a missing header counts as the empty string, except for `present`. */
  withoutHeaders?: Readonly<Record<string, StringMatch>>;
  queryParams?: Readonly<Record<string, StringMatch>>;
};

/** One destination of a split. Zero-weight destinations are removed when compiling. */
export type WeightedCluster = {
  cluster: string;
  weight: number;
  /** Instead of the route's operations, which are part of them. */
  requestHeaders?: HeaderOperations;
  responseHeaders?: HeaderOperations;
};

export type Mirror = { cluster: string; percent: number };

export type RetryPolicy = {
  /** Retries after the first try; 0 switches retries off. */
  attempts: number;
  perTryTimeoutMs?: number;
  /** Envoy's conditions: `connect-failure`, `refused-stream`, `5xx` …, and status codes. */
  on: readonly string[];
  /** Upper bound of the pause before the first retry; it doubles from retry to retry. 25 ms by default. */
  backoffMs?: number;
  /** Whether a retry may go to an endpoint that was tried before although there are others. */
  mayRepeatEndpoint?: boolean;
};

/** Values may hold commands such as `%REQ(x-user)%`; a percent sign is written `%%` (header-template.ts). */
export type HeaderOperations = {
  set?: Readonly<Record<string, string>>;
  add?: Readonly<Record<string, string | readonly string[]>>;
  remove?: readonly string[];
};

export type RouteAction =
  | { kind: 'forward'; clusters: readonly WeightedCluster[]; mirrors: readonly Mirror[] }
  | { kind: 'directResponse'; status: number; body: string }
  | ({ kind: 'redirect' } & Redirect);

/** The path without query as it goes upstream, or to where a redirect points (envoy-facts: Rewrite). */
export type PathRewrite =
  /** The first characters of the path, as many as `prefix` has, are replaced. */
  | { kind: 'prefix'; prefix: string; to: string }
  | { kind: 'whole'; to: string }
  /** RE2; every occurrence is replaced; `\1` and `\0` stand for groups. */
  | { kind: 'regex'; pattern: string; to: string };

/** Parts of the location that differ from the request (envoy-facts: Redirect). */
export type Redirect = {
  status: number;
  scheme?: string;
  authority?: string;
  port?: number;
  /** Whether the port in Host stays, the usual one of the old scheme included. */
  keepsPort?: boolean;
  path?: PathRewrite;
};

/** What is done to requests on purpose; percentages are drawn for each request. */
export type Fault = { delay?: { percent: number; delayMs: number }; abort?: Abort };

/** A gRPC status is told to gRPC callers in their own way, in an answer with HTTP status 200. */
export type Abort = { percent: number; status: number; grpcStatus?: number };

/** Lists are as they are sent. */
export type CorsPolicy = {
  origins: readonly StringMatch[];
  allowMethods?: string;
  allowHeaders?: string;
  exposeHeaders?: string;
  maxAgeSeconds?: number;
  allowCredentials?: boolean;
  /** Preflights of other origins are answered by the proxy instead of the service. */
  answersUnmatched?: boolean;
};

/** The first route whose match holds decides; no match means always. */
export type Route = {
  /** As shown in logs and by `proxy-config`: `rule.match`, or `default`. */
  name: string;
  /** `namespace/name` of the VirtualService whose rule it is; absent: no rule, the service itself. For people only. */
  virtualService?: string;
  match?: RouteMatch;
  action: RouteAction;
  /** Of forwarded requests. */
  rewrite?: PathRewrite;
  /** Host as it goes upstream. */
  authority?: string;
  fault?: Fault;
  cors?: CorsPolicy;
  timeoutMs?: number;
  retry?: RetryPolicy;
  requestHeaders?: HeaderOperations;
  responseHeaders?: HeaderOperations;
};

/** Routes for a set of domains. Domains are lower case without port: exact, `*.suffix`, or `*`. */
export type VirtualHost = {
  /** Unique: the FQDN of the service, or of the VirtualService's host, and the port: `web.default.svc.cluster.local:80`. */
  name: string;
  domains: readonly string[];
  /** Port of the service on which callers come, and the domains among those of that port alone. */
  port?: number;
  portDomains?: readonly string[];
  routes: readonly Route[];
};

/** What metrics and logs say about the workload behind an endpoint: Pod → ReplicaSet → Deployment, resolved by discovery. */
export type WorkloadLabels = {
  workload: string;
  namespace: string;
  app: string;
  version: string;
  canonicalService: string;
  canonicalRevision: string;
};

/** One upstream service port (and subset): `outbound|80||web-canary.default.svc.cluster.local`. */
export type Cluster = {
  name: string;
  service: { host: string; name: string; namespace: string };
  /** `namespace/name` of the DestinationRules that speak about it, the oldest first. For people only. */
  destinationRules?: readonly string[];
  connectTimeoutMs: number;
  loadBalancer: 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM';
  /** New endpoints get a growing part of their share; not with RANDOM, nor by a key. */
  warmup?: Warmup;
  /** Shares of requests by the locality of endpoints; absent: localities do not matter, but for priorities. */
  localityWeights?: Readonly<Record<string, number>>;
  /** Requests with one key go to one endpoint; without a key the load balancer decides. */
  hash?: HashPolicy;
  outliers?: OutlierPolicy;
  limits?: ClusterLimits;
  /** Requests of one connection at most. */
  requestsPerConnection?: number;
  /** Silence after which a connection without request is closed. */
  idleMs?: number;
  /** Age from which a connection takes no more requests. */
  connectionLifeMs?: number;
  /** Silence after which the kernel asks whether the endpoint is still there. */
  keepAliveMs?: number;
};

/** What there may be at one time of a cluster in one proxy (istio.md 5.2); beyond, 503. Absent: any number. */
export type ClusterLimits = {
  connections?: number;
  /** Requests that wait for a connection. */
  pending?: number;
  /** Requests that have a connection. */
  requests?: number;
  retries?: number;
  /** Instead of `retries`: a share of the requests under way, or `least` if that is more. */
  retryBudget?: { percent: number; least: number };
};

/** The part of its share that an endpoint gets: at least `leastShare` (0 to 1), and with its age by the power of 1 / `aggression`. */
export type Warmup = { durationMs: number; leastShare: number; aggression: number };

/** Where the key of a request stands (istio.md 5.2). */
export type HashPolicy =
  | { kind: 'header'; name: string }
  | { kind: 'query'; name: string }
  | { kind: 'sourceIp' }
  /** With a life time a missing cookie is made: `attributes` is everything behind its value. */
  | { kind: 'cookie'; name: string; attributes?: string };

/** When an endpoint gets no requests for a while (istio.md 5.4, envoy-facts). A count of 0 switches the condition off. */
export type OutlierPolicy = {
  consecutive5xx: number;
  /** 502, 503, 504, and answers that never came. */
  consecutiveGateway: number;
  /** With it, answers that never came count here and nowhere else. */
  consecutiveLocal?: number;
  /** Statuses that are errors; absent: 500 and above. */
  errorCodes?: readonly number[];
  baseEjectionMs: number;
  /** How often it is looked whether an endpoint may come back. */
  intervalMs: number;
  ejectedPercentMost: number;
  /** With a smaller share of healthy endpoints, all of them are used. */
  healthyPercentLeast: number;
};

export type Endpoint = {
  /** `host:port` where the process really listens. */
  address: string;
  labels: WorkloadLabels;
  /** Its share beside the others; 1 when absent. */
  weight?: number;
  /** 0, or absent, is served first; others get what lower numbers have too little health for. */
  priority?: number;
  /** `region/zone/subzone`, from the left as far as known. */
  locality?: string;
};

/** The endpoints of one cluster that may be sent traffic. They change far more often than routes. */
export type ClusterEndpoints = { cluster: string; endpoints: readonly Endpoint[] };

/** A whole table, as saved in `table.json` and as served by a worker. */
export type RouteTable = {
  version: number;
  virtualHosts: Readonly<Record<string, VirtualHost>>;
  clusters: Readonly<Record<string, Cluster>>;
  endpoints: Readonly<Record<string, ClusterEndpoints>>;
};

export const EMPTY_TABLE: RouteTable = { version: 0, virtualHosts: {}, clusters: {}, endpoints: {} };
