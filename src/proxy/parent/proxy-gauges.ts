/** What is so at this moment, as metrics: of the proxy as a whole, and of the clusters that are in use. */

import { holdingKey } from '../../mesh/table/handover.ts';
import { escapeLabel } from '../telemetry/metric-names.ts';
import type { ClusterReport } from '../worker-messages.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';
import type { WorkerPool } from './worker-pool.ts';

/** @param version of this program @param uptimeSeconds since the proxy started */
export function proxyGauges(
  pool: WorkerPool,
  { version, uptimeSeconds }: { version: string; uptimeSeconds: number },
): MetricFamily[] {
  const connections = pool.workers.reduce((sum, { report }) => sum + (report?.connections ?? 0), 0);
  return [
    gauge('istio_build', 1, `component="proxy",tag="${escapeLabel(version)}"`),
    gauge('envoy_server_live', pool.isReady ? 1 : 0),
    gauge('envoy_server_uptime', uptimeSeconds),
    gauge('sluice_proxy_table_version', pool.table.version),
    gauge('sluice_proxy_workers', pool.workers.length),
    gauge('sluice_proxy_connections', connections),
    ...clusterGauges(pool),
  ];
}

function gauge(name: string, value: number, labels = ''): MetricFamily {
  return { name, type: 'gauge', samples: [{ labels, value }] };
}

// Clusters that nobody ever used are left out: a table of thousands would make every scrape a long one.
function clusterGauges(pool: WorkerPool): MetricFamily[] {
  const byCluster = Map.groupBy(
    pool.workers.flatMap(({ report }) => report?.clusters ?? []),
    ({ cluster }) => cluster,
  );
  const family = (
    name: string,
    measure: (reports: readonly ClusterReport[], cluster: string) => number,
  ): MetricFamily => ({
    name: `envoy_cluster_${name}`,
    type: 'gauge',
    samples: [...byCluster].map(
      ([cluster, reports]): MetricSample => ({
        labels: `cluster_name="${escapeLabel(cluster)}"`,
        value: measure(reports, cluster),
      }),
    ),
  });
  const sum = (of: (report: ClusterReport) => number) => (reports: readonly ClusterReport[]) =>
    reports.reduce((total, report) => total + of(report), 0);
  // All workers take out the same endpoints.
  const ejected = (reports: readonly ClusterReport[]) => Math.max(...reports.map((report) => report.ejected));
  const breaker = (limit: keyof ClusterReport['reached']) =>
    family(`circuit_breakers_default_${limit}_open`, (reports) =>
      reports.some(({ reached }) => reached[limit]) ? 1 : 0,
    );
  return [
    family('membership_total', (_, cluster) => membersOf(pool, cluster)),
    family('membership_healthy', (reports, cluster) => Math.max(0, membersOf(pool, cluster) - ejected(reports))),
    family('outlier_detection_ejections_active', ejected),
    family(
      'upstream_rq_active',
      sum(({ requests }) => requests),
    ),
    family(
      'upstream_rq_pending_active',
      sum(({ waiting }) => waiting),
    ),
    family(
      'upstream_cx_active',
      sum(({ connections }) => connections),
    ),
    ...LIMITS.map(breaker),
  ];
}

const LIMITS = ['cx', 'rq_pending', 'rq', 'rq_retry'] as const;

function membersOf({ table }: WorkerPool, cluster: string): number {
  const item = table.items.get(holdingKey('endpoints', cluster));
  return item?.kind === 'endpoints' ? item.value.endpoints.length : 0;
}
