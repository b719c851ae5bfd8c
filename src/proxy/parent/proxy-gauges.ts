/** What is so at this moment, as metrics: of the proxy as a whole, and of the clusters that are in use. */

import { holdingKey } from '../../mesh/table/handover.ts';
import { escapeLabel } from '../telemetry/metric-names.ts';
import type { EndpointLoad } from '../worker-messages.ts';
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
  const byCluster = new Map<string, EndpointLoad[]>();
  for (const { report } of pool.workers) {
    for (const load of report?.endpoints ?? []) {
      const loads = byCluster.get(load.cluster) ?? [];
      byCluster.set(load.cluster, loads);
      loads.push(load);
    }
  }
  const family = (
    name: string,
    measure: (loads: readonly EndpointLoad[], cluster: string) => number,
  ): MetricFamily => ({
    name: `envoy_cluster_${name}`,
    type: 'gauge',
    samples: [...byCluster].map(
      ([cluster, loads]): MetricSample => ({
        labels: `cluster_name="${escapeLabel(cluster)}"`,
        value: measure(loads, cluster),
      }),
    ),
  });
  const sum = (loads: readonly EndpointLoad[], of: (load: EndpointLoad) => number) =>
    loads.reduce((total, load) => total + of(load), 0);
  return [
    family('membership_total', (_, cluster) => membersOf(pool, cluster)),
    family('upstream_rq_active', (loads) => sum(loads, ({ active }) => active)),
    family('upstream_cx_active', (loads) => sum(loads, ({ active, idle }) => active + idle)),
  ];
}

function membersOf({ table }: WorkerPool, cluster: string): number {
  const item = table.items.get(holdingKey('endpoints', cluster));
  return item?.kind === 'endpoints' ? item.value.endpoints.length : 0;
}
