/** Everything a route table is compiled from: plain data, gathered by `discovery/`. */

import type { DestinationRule } from '../schema/destination-rule.ts';
import type { Gateway } from '../schema/gateway.ts';
import type { RetriesSpec } from '../schema/http-route.ts';
import type { MeshSettings } from '../schema/mesh-config.ts';
import type { Sidecar } from '../schema/sidecar.ts';
import type { VirtualService } from '../schema/virtual-service.ts';
import type { WorkloadLabels } from '../table/route-table.ts';
import type { PortProtocol } from './port-protocol.ts';

export type ServiceEndpoint = {
  /** `host:port` where the process really listens. */
  address: string;
  /** Whether it may be sent traffic now. */
  ready: boolean;
  /** Of the pod: what subsets select by. */
  labels: Readonly<Record<string, string>>;
  workload: WorkloadLabels;
  /** `region/zone/subzone`, from the left as far as known. */
  locality?: string;
  /** Its share beside the others; 1 when absent. */
  weight?: number;
};

export type ServicePort = {
  number: number;
  name: string;
  protocol: PortProtocol;
  endpoints: readonly ServiceEndpoint[];
};

export type MeshService = {
  /** In full: `web.default.svc.cluster.local`. */
  host: string;
  name: string;
  namespace: string;
  ports: readonly ServicePort[];
  /** Virtual IP addresses, by which callers may name it as well. */
  addresses?: readonly string[];
  /** Whether callers name the address themselves (resolution NONE); its endpoints are what DNS makes of that name. */
  isPassedThrough?: boolean;
  /** Namespaces that see it; absent: all. */
  exportTo?: readonly string[];
};

/** For whom the table is made: one caller, as beside a sidecar, or everybody. */
export type Caller = {
  /** Absent: callers of any namespace, of whom nothing is known. */
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
  /** Where it runs: `region/zone/subzone`, from the left as far as known. */
  locality?: string;
};

export type MeshInput = {
  /** What the proxy is: beside a caller (or all of them) unless told otherwise. */
  role?: 'sidecar' | 'gateway';
  /** Everybody unless told otherwise. */
  caller?: Caller;
  services: readonly MeshService[];
  virtualServices: readonly VirtualService[];
  destinationRules: readonly DestinationRule[];
  /** Retries of rules that say nothing, by host in full. */
  retries?: ReadonlyMap<string, RetriesSpec>;
  /** Absent: Istio's defaults. */
  mesh?: MeshSettings;
  /** What callers see; meaningless without a caller. */
  sidecars?: readonly Sidecar[];
  /** Read by gateways only. */
  gateways?: readonly Gateway[];
};
