/** Services that a ServiceEntry declares, with the endpoints that stand in it (istio.md 7.1). */

import type { MeshService, ServiceEndpoint, ServicePort } from '../mesh/compile/mesh-input.ts';
import { portProtocol } from '../mesh/compile/port-protocol.ts';
import type { ServiceEntry, ServiceEntrySpec } from '../mesh/schema/service-entry.ts';
import type { WorkloadLabels } from '../mesh/table/route-table.ts';
import { unknownWorkload } from './workload-labels.ts';

/** One service per host of the entry. */
export function serviceEntryServices({ metadata, spec }: ServiceEntry): MeshService[] {
  return spec.hosts.map((written) => {
    const host = written.toLowerCase();
    return {
      host,
      name: host.split('.')[0] ?? host,
      namespace: metadata.namespace,
      ports: (spec.ports ?? []).map((port) => servicePort(host, port, { metadata, spec })),
      ...(spec.exportTo && { exportTo: spec.exportTo }),
    };
  });
}

type PortSpec = NonNullable<ServiceEntrySpec['ports']>[number];
type EndpointSpec = NonNullable<ServiceEntrySpec['endpoints']>[number];

function servicePort(host: string, port: PortSpec, { metadata, spec }: ServiceEntry): ServicePort {
  const { number, name, protocol, targetPort } = port;
  const isNamed = spec.resolution === 'DNS' || spec.resolution === 'DNS_ROUND_ROBIN';
  // Without endpoints a host that DNS knows is its own endpoint.
  const declared = spec.endpoints ?? [];
  const places = declared.length === 0 && isNamed && !host.startsWith('*') ? [{ address: host }] : declared;
  return {
    number,
    name,
    protocol: portProtocol({ number, name, appProtocol: protocol ?? name }),
    endpoints: places.flatMap((endpoint) =>
      endpointOf(endpoint, { port: name, fallback: targetPort ?? number, namespace: metadata.namespace, host }),
    ),
  };
}

function endpointOf(
  endpoint: EndpointSpec,
  site: { port: string; fallback: number; namespace: string; host: string },
): ServiceEndpoint[] {
  const { address, ports, labels = {}, locality, weight } = endpoint;
  if (address === undefined || address.startsWith('unix:')) return [];
  const host = address.includes(':') ? `[${address}]` : address;
  const workload = { ...unknownWorkload(site.namespace, site.host), ...workloadOf(labels) };
  return [
    {
      address: `${host}:${ports?.[site.port] ?? site.fallback}`,
      ready: true,
      labels,
      workload,
      ...(locality !== undefined && { locality }),
      ...(weight !== undefined && weight > 0 && { weight }),
    },
  ];
}

function workloadOf({ app, version }: Readonly<Record<string, string>>): Partial<WorkloadLabels> {
  return {
    ...(app !== undefined && { app, workload: app }),
    ...(version !== undefined && { version, canonicalRevision: version }),
  };
}
