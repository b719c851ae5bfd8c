/** What `connectionPool` and `retryBudget` mean for one cluster (istio.md 5.2). In all of them 0 and absent are no limit. */

import type { TrafficPolicySpec } from '../schema/destination-rule.ts';
import { durationMsOf } from '../schema/duration.ts';
import type { Cluster, ClusterLimits } from '../table/route-table.ts';

type PoolSpec = TrafficPolicySpec['connectionPool'];
type TcpSpec = NonNullable<NonNullable<PoolSpec>['tcp']>;
type ConnectionSettings = Pick<
  Cluster,
  'connectTimeoutMs' | 'requestsPerConnection' | 'idleMs' | 'connectionLifeMs' | 'keepAliveMs'
>;

const CONNECT_TIMEOUT_MS = 10_000;
/** Linux' own `tcp_keepalive_time`, for a block without `time`. */
const KEEP_ALIVE_MS = 7_200_000;
/** Envoy's budget where only a part of it is written: 20 per cent, and three retries in any case. */
const RETRY_BUDGET = { percent: 20, least: 3 };

/** How connections are made and how long they live. The idle time of HTTP comes before that of TCP. */
export function connectionSettings(pool: PoolSpec): ConnectionSettings {
  const { connectTimeout, idleTimeout: tcpIdle, maxConnectionDuration, tcpKeepalive }: TcpSpec = pool?.tcp ?? {};
  const { maxRequestsPerConnection = 0, idleTimeout = tcpIdle } = pool?.http ?? {};
  return {
    connectTimeoutMs: connectTimeout === undefined ? CONNECT_TIMEOUT_MS : durationMsOf(connectTimeout),
    ...(maxRequestsPerConnection > 0 && { requestsPerConnection: maxRequestsPerConnection }),
    ...(idleTimeout !== undefined && { idleMs: durationMsOf(idleTimeout) }),
    ...(maxConnectionDuration !== undefined && { connectionLifeMs: durationMsOf(maxConnectionDuration) }),
    ...(tcpKeepalive !== undefined && {
      keepAliveMs: tcpKeepalive.time === undefined ? KEEP_ALIVE_MS : durationMsOf(tcpKeepalive.time),
    }),
  };
}

/** What there may be at one time; nothing when there is no limit at all. */
export function limitsOf(pool: PoolSpec, budget: TrafficPolicySpec['retryBudget']): { limits?: ClusterLimits } {
  const { maxConnections } = pool?.tcp ?? {};
  const { http1MaxPendingRequests, http2MaxRequests, maxRetries } = pool?.http ?? {};
  const limits: ClusterLimits = {
    ...limit('connections', maxConnections),
    ...limit('pending', http1MaxPendingRequests),
    ...limit('requests', http2MaxRequests),
    ...limit('retries', maxRetries),
    ...(budget !== undefined && {
      retryBudget: {
        percent: budget.percent ?? RETRY_BUDGET.percent,
        least: budget.minRetryConcurrency ?? RETRY_BUDGET.least,
      },
    }),
  };
  return Object.keys(limits).length === 0 ? {} : { limits };
}

function limit(name: Exclude<keyof ClusterLimits, 'retryBudget'>, most = 0): ClusterLimits {
  return most > 0 ? { [name]: most } : {};
}
