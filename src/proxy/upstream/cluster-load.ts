/**
 * What is in use of a cluster in this worker, and whether there may be more (istio.md 5.2). Lives as long as tables have the
 * cluster, so that a new table neither forgets what is in flight nor lets more through.
 */

import type { Cluster } from '../../mesh/table/route-table.ts';

export class ClusterLoad {
  /** As the table says that is served. */
  cluster: Cluster;
  /** Open, or being opened. */
  connections = 0;
  /** Requests that wait for a connection. */
  waiting = 0;
  /** Requests that have one. */
  requests = 0;
  /** Requests that are being tried again. */
  retries = 0;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get mayConnect(): boolean {
    return isBelow(this.connections, this.cluster.limits?.connections);
  }

  get mayWait(): boolean {
    return isBelow(this.waiting, this.cluster.limits?.pending);
  }

  get mayRequest(): boolean {
    return isBelow(this.requests, this.cluster.limits?.requests);
  }

  /** A budget is a share of what is under way, and stands instead of a number. */
  get mayRetry(): boolean {
    const { retries, retryBudget } = this.cluster.limits ?? {};
    if (retryBudget === undefined) return isBelow(this.retries, retries);
    const share = Math.floor(((this.requests + this.waiting) * retryBudget.percent) / 100);
    return this.retries < Math.max(retryBudget.least, share);
  }
}

function isBelow(count: number, most: number | undefined): boolean {
  return most === undefined || count < most;
}
