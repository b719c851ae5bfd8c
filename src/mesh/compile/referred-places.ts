/**
 * What rules may refer to: clusters, ports of services, and retries of hosts. As long as these are the same, so are the routes of rules
 * that are, and nobody needs look again rule by rule. That endpoints come and go makes no difference.
 */

import type { RetriesSpec } from '../schema/http-route.ts';
import type { CompiledCluster } from './compile-clusters.ts';
import type { MeshService } from './mesh-input.ts';
import { isHttp } from './port-protocol.ts';

export type ReferredPlaces = {
  /** In a fixed order, each with its clusters. */
  services: readonly { service: MeshService; clusters: readonly CompiledCluster[] }[];
  retries: ReadonlyMap<string, RetriesSpec>;
};

export function areSamePlaces(one: ReferredPlaces, other: ReferredPlaces): boolean {
  return (
    one.services.length === other.services.length &&
    one.services.every(({ service, clusters }, index) => {
      const against = other.services[index];
      return (
        against !== undefined && isSameService(service, against.service) && areNamedAlike(clusters, against.clusters)
      );
    }) &&
    one.retries.size === other.retries.size &&
    [...one.retries].every(([host, retries]) => other.retries.get(host) === retries)
  );
}

function isSameService(one: MeshService, other: MeshService): boolean {
  if (one === other) return true;
  return (
    one.host === other.host &&
    one.ports.length === other.ports.length &&
    one.ports.every(({ number, protocol }, index) => {
      const port = other.ports[index];
      return port?.number === number && isHttp(port.protocol) === isHttp(protocol);
    })
  );
}

function areNamedAlike(one: readonly CompiledCluster[], other: readonly CompiledCluster[]): boolean {
  if (one === other) return true;
  return one.length === other.length && one.every(({ cluster }, index) => cluster.name === other[index]?.cluster.name);
}
