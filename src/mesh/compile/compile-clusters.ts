/** The upstreams of one service: each HTTP port as a whole, and each subset of it. */

import type { Cluster, ClusterEndpoints } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { clusterSettings, loadBalancerOf } from './cluster-settings.ts';
import type { DestinationPolicy } from './destination-policy.ts';
import type { Caller, MeshService, ServicePort } from './mesh-input.ts';
import { placeEndpoints } from './place-endpoints.ts';
import { isHttp } from './port-protocol.ts';

export type CompiledCluster = { cluster: Cluster; endpoints: ClusterEndpoints };

export function compileClusters(service: MeshService, policy: DestinationPolicy, caller: Caller): CompiledCluster[] {
  return service.ports
    .filter(({ protocol }) => isHttp(protocol))
    .flatMap((port) => [
      compileCluster(service, port, { name: '', policies: [policy.trafficPolicy], rules: policy.names, caller }),
      ...policy.subsets.map(({ name, labels = {}, trafficPolicy }) =>
        compileCluster(service, port, {
          name,
          labels,
          policies: [trafficPolicy, policy.trafficPolicy],
          rules: policy.names,
          caller,
        }),
      ),
    ]);
}

type Subset = {
  name: string;
  /** All of them must be labels of the pod; none: every pod. */
  labels?: Readonly<Record<string, string>>;
  policies: Parameters<typeof clusterSettings>[0];
  /** DestinationRules that speak about the service. */
  rules: readonly string[];
  caller: Caller;
};

function compileCluster({ host, name, namespace }: MeshService, port: ServicePort, subset: Subset): CompiledCluster {
  const fullName = clusterName({ host, port: port.number, subset: subset.name });
  const wanted = Object.entries(subset.labels ?? {});
  const settings = clusterSettings(subset.policies, port.number);
  const loadBalancer = loadBalancerOf(subset.policies, port.number);
  // An address that a request asks for is never connected to, and no other is meant; who speaks HTTP/2 only would take a request of
  // HTTP/1.1 for garbage, and 503 says more than that (issue 4 §4).
  const isServed = loadBalancer?.simple !== 'PASSTHROUGH' && port.protocol !== 'http2';
  const chosen = isServed ? port.endpoints : [];
  const { endpoints, localityWeights } = placeEndpoints(
    chosen
      .filter(({ ready, labels }) => ready && wanted.every(([key, value]) => labels[key] === value))
      .toSorted((a, b) => (a.address < b.address ? -1 : 1)),
    {
      setting: loadBalancer?.localityLbSetting,
      caller: subset.caller,
      hasOutliers: settings.outliers !== undefined,
    },
  );
  return {
    cluster: {
      name: fullName,
      service: { host, name, namespace },
      ...(subset.rules.length > 0 && { destinationRules: subset.rules }),
      ...settings,
      ...(localityWeights && { localityWeights }),
    },
    endpoints: { cluster: fullName, endpoints },
  };
}
