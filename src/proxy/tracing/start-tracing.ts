/** The tracing of a worker: who it says it is, and the way to its collector. */

import { hostname } from 'node:os';
import type { Clock } from '../../lib/clock.ts';
import type { WorkloadLabels } from '../../mesh/table/route-table.ts';
import type { Counters } from '../telemetry/counters.ts';
import type { ProxyRole } from '../worker-messages.ts';
import type { TracingSettings } from './span.ts';
import { SpanExporter } from './span-exporter.ts';
import { Tracer } from './tracer.ts';

export type Tracing = { tracer: Tracer; close(): Promise<void> };

export function startTracing(
  { role, source: workload }: { role: ProxyRole; source?: WorkloadLabels | undefined },
  settings: TracingSettings,
  { clock, random, counters }: { clock: Clock; random: () => number; counters: Counters },
): Tracing {
  const source = sourceOf(role, workload);
  const exporter = new SpanExporter(settings, { source, clock, counters });
  return { tracer: new Tracer({ settings, source, role, exporter, random }), close: () => exporter.close() };
}

// As Istio names its proxies: `service.namespace`, and `kind~address~name~domain`.
function sourceOf(role: ProxyRole, workload: WorkloadLabels | undefined) {
  const namespace = workload?.namespace ?? 'default';
  const known = workload?.canonicalService;
  const service = known === undefined || known === 'unknown' ? 'sluice-proxy' : known;
  const node = `${role === 'gateway' ? 'router' : 'sidecar'}~127.0.0.1~${hostname()}.${namespace}~${namespace}`;
  return {
    service: `${service}.${namespace}`,
    tags: {
      node_id: `${node}.svc.cluster.local`,
      'istio.canonical_service': service,
      'istio.canonical_revision': workload?.canonicalRevision ?? 'latest',
      'istio.mesh_id': 'cluster.local',
      'istio.namespace': namespace,
    },
  };
}
