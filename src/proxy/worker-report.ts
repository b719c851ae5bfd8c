/** What a worker tells its parent: what it counted since the last time, and, when it is asked, what is in use. */

import type { DataPath } from './data-path.ts';
import type { SeriesStore } from './telemetry/series-store.ts';
import type { ClusterState } from './upstream/cluster-state.ts';
import type { ClusterReport, EndpointLoad, WorkerReport } from './worker-messages.ts';

export function reportOf(
  { counters }: DataPath,
  store: SeriesStore,
  connections: number,
): Pick<WorkerReport, 'series' | 'counters' | 'connections'> {
  return {
    series: store.takeDeltas(),
    counters: { ...counters.takeDeltas(), ...store.takeTries() },
    connections,
  };
}

/** Endpoints and clusters that were ever used: of a table with thousands most never are. */
export function usedOf({ table }: DataPath): Required<Pick<WorkerReport, 'endpoints' | 'clusters'>> {
  const states = [...table.current.clusters.values()];
  const endpoints = states.flatMap(endpointLoads);
  const used = new Set(endpoints.map(({ cluster }) => cluster));
  return { endpoints, clusters: states.filter(({ cluster }) => used.has(cluster.name)).map(clusterReport) };
}

function endpointLoads({ cluster, endpoints }: ClusterState): EndpointLoad[] {
  return endpoints
    .filter(({ series, active, pool }) => series.isUsed || active + pool.idleCount > 0)
    .map(({ address, active, pool, outliers }) => ({
      cluster: cluster.name,
      address,
      active,
      idle: pool.idleCount,
      ejected: outliers.isOut,
    }));
}

function clusterReport({ cluster, load, endpoints }: ClusterState): ClusterReport {
  return {
    cluster: cluster.name,
    connections: load.connections,
    waiting: load.waiting,
    requests: load.requests,
    ejected: endpoints.filter(({ outliers }) => outliers.isOut).length,
    reached: { cx: !load.mayConnect, rq_pending: !load.mayWait, rq: !load.mayRequest, rq_retry: !load.mayRetry },
  };
}
