/** What a running proxy tells about itself over its admin port: the shapes of `/config_dump`, `/listeners` and `/clusters`. */

import type { RequestReading } from './request-reading.ts';
import type { Cluster, Endpoint, RouteTable } from './route-table.ts';

export type ListenerDump = {
  address: string;
  port: number;
  /** Port of the services that callers there mean; absent: whichever Host means. */
  servicePort?: number;
};

export type EndpointDump = Endpoint & {
  /** Requests in flight, over all workers. */
  active: number;
  /** Idle connections, over all workers. */
  idle: number;
  /** Whether outlier detection keeps requests away from it now. */
  isEjected: boolean;
};

export type ClusterDump = Cluster & { endpoints: readonly EndpointDump[] };

export type WorkerDump = {
  pid: number;
  /** Version of the table that it serves; absent: none yet. */
  tableVersion?: number;
};

export type ProxyDump = {
  /** Of the program. */
  version: string;
  role: 'gateway' | 'sidecar';
  reading: RequestReading;
  listeners: readonly ListenerDump[];
  workers: readonly WorkerDump[];
  /** The last table that was offered, if it was refused; the one before stays in force. */
  refused?: { version: number; reason: string };
  table: RouteTable;
};
