/** What a worker knows about one endpoint of a cluster: idle connections, requests in flight, and the series it counts in. */

import type { Endpoint } from '../../mesh/table/route-table.ts';
import type { RequestSeries } from '../telemetry/request-series.ts';
import { OutlierCounts } from './outliers.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export class EndpointState {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  endpoint: Endpoint;
  series: RequestSeries;
  readonly outliers: OutlierCounts = new OutlierCounts();
  /** Requests in flight, by which LEAST_REQUEST chooses. */
  active = 0;
  /** False once the endpoint has left the table: what is in flight finishes, then its connections close. */
  listed = true;
  /** Last used last: the warmest connection is taken first, so that surplus ones grow old and are closed. */
  readonly #idle: UpstreamConnection[] = [];

  constructor(endpoint: Endpoint, series: RequestSeries) {
    this.endpoint = endpoint;
    this.series = series;
    this.address = endpoint.address;
    const colonAt = endpoint.address.lastIndexOf(':');
    this.host = endpoint.address.slice(0, colonAt).replace(/^\[|\]$/g, '');
    this.port = Number(endpoint.address.slice(colonAt + 1));
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  take(): UpstreamConnection | undefined {
    return this.#idle.pop();
  }

  put(connection: UpstreamConnection): void {
    this.#idle.push(connection);
  }

  forget(connection: UpstreamConnection): void {
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  /** Closes connections that were idle for too long at `nowMs` (monotonic); all of them when the endpoint is gone. */
  sweep(nowMs: number): void {
    for (const connection of [...this.#idle]) {
      if (!this.listed || connection.idleUntilMs <= nowMs) connection.close();
    }
  }
}
