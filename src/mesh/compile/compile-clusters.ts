/** The upstreams of one service: each HTTP port as a whole, and each subset of it. */

import type { Cluster, ClusterEndpoints } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { clusterSettings } from './cluster-settings.ts';
import type { DestinationPolicy } from './destination-policy.ts';
import type { MeshService, ServicePort } from './mesh-input.ts';
import { isHttp } from './port-protocol.ts';

export type CompiledCluster = { cluster: Cluster; endpoints: ClusterEndpoints };

export function compileClusters(service: MeshService, policy: DestinationPolicy): CompiledCluster[] {
  return service.ports
    .filter(({ protocol }) => isHttp(protocol))
    .flatMap((port) => [
      compileCluster(service, port, { name: '', policies: [policy.trafficPolicy], rules: policy.names }),
      ...policy.subsets.map(({ name, labels = {}, trafficPolicy }) =>
        compileCluster(service, port, {
          name,
          labels,
          policies: [trafficPolicy, policy.trafficPolicy],
          rules: policy.names,
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
};

function compileCluster({ host, name, namespace }: MeshService, port: ServicePort, subset: Subset): CompiledCluster {
  const fullName = clusterName({ host, port: port.number, subset: subset.name });
  const wanted = Object.entries(subset.labels ?? {});
  const endpoints = port.endpoints
    .filter(({ ready, labels }) => ready && wanted.every(([key, value]) => labels[key] === value))
    .map(({ address, workload }) => ({ address, labels: workload }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
  return {
    cluster: {
      name: fullName,
      service: { host, name, namespace },
      ...(subset.rules.length > 0 && { destinationRules: subset.rules }),
      ...clusterSettings(subset.policies, port.number),
    },
    endpoints: { cluster: fullName, endpoints },
  };
}
