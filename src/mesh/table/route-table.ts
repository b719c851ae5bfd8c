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
export type WeightedCluster = { cluster: string; weight: number };

export type Mirror = { cluster: string; percent: number };

export type RetryPolicy = {
  /** Retries after the first try; 0 switches retries off. */
  attempts: number;
  perTryTimeoutMs?: number;
  /** Envoy's conditions: `connect-failure`, `refused-stream`, `5xx` … */
  on: readonly string[];
};

export type HeaderOperations = {
  set?: Readonly<Record<string, string>>;
  add?: Readonly<Record<string, string>>;
  remove?: readonly string[];
};

export type RouteAction =
  | { kind: 'forward'; clusters: readonly WeightedCluster[]; mirrors: readonly Mirror[] }
  | { kind: 'directResponse'; status: number; body: string };

/** The first route whose match holds decides; no match means always. */
export type Route = {
  /** As shown in logs and by `proxy-config`: `rule.match`, or `default`. */
  name: string;
  match?: RouteMatch;
  action: RouteAction;
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
  connectTimeoutMs: number;
  loadBalancer: 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM';
};

export type Endpoint = {
  /** `host:port` where the process really listens. */
  address: string;
  labels: WorkloadLabels;
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
