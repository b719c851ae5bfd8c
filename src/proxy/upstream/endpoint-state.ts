/** What a worker knows about one endpoint of a cluster: its connections, requests in flight, and the series it counts in. */

import type { Endpoint, OutlierPolicy } from '../../mesh/table/route-table.ts';
import type { RequestSeries } from '../telemetry/request-series.ts';
import type { ClusterLoad } from './cluster-load.ts';
import { EndpointPool } from './endpoint-pool.ts';
import { countResult, OutlierCounts, type TryResult } from './outliers.ts';

export class EndpointState {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  endpoint: Endpoint;
  series: RequestSeries;
  readonly outliers: OutlierCounts = new OutlierCounts();
  readonly pool: EndpointPool;
  /** Requests in flight and waiting, by which LEAST_REQUEST chooses. */
  active = 0;
  /** When it came (monotonic). */
  readonly addedMs: number;
  /** The load balancer's memory, where weights differ. */
  credit = 0;
  /** False once the endpoint has left the table: what is in flight finishes, then its connections close. */
  listed = true;

  constructor(endpoint: Endpoint, series: RequestSeries, load: ClusterLoad, addedMs: number) {
    this.addedMs = addedMs;
    this.endpoint = endpoint;
    this.series = series;
    this.address = endpoint.address;
    const colonAt = endpoint.address.lastIndexOf(':');
    this.host = endpoint.address.slice(0, colonAt).replace(/^\[|\]$/g, '');
    this.port = Number(endpoint.address.slice(colonAt + 1));
    this.pool = new EndpointPool(this, load);
  }

  get weight(): number {
    return this.endpoint.weight ?? 1;
  }

  /** Takes note of what became of a try. @returns whether the endpoint should get no requests for a while */
  failsTooOften(result: TryResult, policy: OutlierPolicy | undefined): boolean {
    return policy !== undefined && countResult(this.outliers, result, policy);
  }

  /** The endpoint has left the table. */
  retire(): void {
    this.listed = false;
    this.pool.sweep(0);
  }
}
