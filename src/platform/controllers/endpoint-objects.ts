/** Services and EndpointSlices as the endpoint controller reads and writes them. */

import type { KubeObject } from '../../lib/resource.ts';

export type ServicePort = {
  name?: string;
  port: number;
  targetPort?: number | string;
  protocol?: string;
  appProtocol?: string;
};

export type Service = KubeObject & {
  spec: {
    type?: string;
    clusterIP?: string;
    ipFamilies?: string[];
    selector?: Record<string, string>;
    publishNotReadyAddresses?: boolean;
    ports?: ServicePort[];
  };
};

export type EndpointPort = { name: string; port: number; protocol: string; appProtocol?: string };

export type Endpoint = {
  addresses: string[];
  conditions: { ready: boolean; serving: boolean; terminating: boolean };
  hostname?: string;
  nodeName?: string;
  targetRef?: { kind: string; namespace: string; name: string; uid: string };
};

export type EndpointSlice = KubeObject & {
  addressType: string;
  endpoints?: Endpoint[] | null;
  ports?: EndpointPort[] | null;
};
