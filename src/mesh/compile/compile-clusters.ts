/** The upstreams of one service: each HTTP port as a whole, and each subset of it. */

import type { LocalitySpec, TrafficPolicySpec } from '../schema/destination-rule.ts';
import type { Cluster, ClusterEndpoints } from '../table/route-table.ts';
import { clusterName } from './cluster-name.ts';
import { clusterSettings, loadBalancerOf } from './cluster-settings.ts';
import type { DestinationPolicy } from './destination-policy.ts';
import type { Caller, MeshService, ServicePort } from './mesh-input.ts';
import { placeEndpoints } from './place-endpoints.ts';
import { isHttp } from './port-protocol.ts';

export type CompiledCluster = { cluster: Cluster; endpoints: ClusterEndpoints };

export type ClusterSite = {
  caller: Caller;
  /** The mesh's, for services whose rules say nothing. */
  locality?: LocalitySpec | undefined;
};

export function compileClusters(service: MeshService, policy: DestinationPolicy, site: ClusterSite): CompiledCluster[] {
  const rules = policy.names;
  return service.ports
    .filter(({ protocol }) => isHttp(protocol))
    .flatMap((port) => [
      compileCluster(service, port, { name: '', policies: [policy.trafficPolicy], rules, site }),
      ...policy.subsets.map(({ name, labels = {}, trafficPolicy }) =>
        compileCluster(service, port, { name, labels, policies: [trafficPolicy, policy.trafficPolicy], rules, site }),
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
  site: ClusterSite;
};

function compileCluster(service: MeshService, port: ServicePort, subset: Subset): CompiledCluster {
  const { host, name, namespace } = service;
  const fullName = clusterName({ host, port: port.number, subset: subset.name });
  const wanted = Object.entries(subset.labels ?? {});
  const settings = clusterSettings(subset.policies, port.number);
  const loadBalancer = loadBalancerOf(subset.policies, port.number);
  const chosen = port.endpoints
    .filter(({ ready, labels }) => ready && wanted.every(([key, value]) => labels[key] === value))
    .toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const { caller, locality } = subset.site;
  const { localityLbSetting, zoneAwareLbSetting } = loadBalancer ?? {};
  const { endpoints, localityWeights } = placeEndpoints(isServed(service, port, loadBalancer) ? chosen : [], {
    setting: localityLbSetting ?? zoneAwareLbSetting ?? locality,
    caller,
    prefersNear: settings.outliers !== undefined || zoneAwareLbSetting !== undefined,
  });
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

// An address that a request asks for is only connected to if the host of a ServiceEntry is meant by it; who speaks HTTP/2 only would
// take a request of HTTP/1.1 for garbage, and 503 says more than that (issue 4 §4).
function isServed(
  { isPassedThrough }: MeshService,
  { protocol }: ServicePort,
  loadBalancer: TrafficPolicySpec['loadBalancer'],
): boolean {
  return protocol !== 'http2' && (loadBalancer?.simple !== 'PASSTHROUGH' || isPassedThrough === true);
}
