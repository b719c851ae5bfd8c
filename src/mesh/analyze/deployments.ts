/** IST0116 and IST0137: Services of one Deployment in the mesh must not contradict each other about a port. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf, namespaceOf } from './analyzed-world.ts';
import { type Fields, fieldsOf, listOf, mapOf, selects, textOf } from './loose-fields.ts';

const PROXY_CONTAINER = 'istio-proxy';

export function analyzeDeployments(world: AnalyzedWorld, report: ReportMessage): void {
  for (const deployment of world.ofKind('Deployment')) {
    const template = fieldsOf(fieldsOf(deployment.spec).template);
    if (!isInMesh(deployment, template, world)) continue;
    const ports = portsOf(deployment, mapOf(fieldsOf(template.metadata).labels), world);
    for (const [port, same] of Map.groupBy(ports, ({ number }) => number)) {
      if (new Set(same.map(({ protocol }) => protocol)).size < 2) continue;
      const text = `Port ${port} must have one protocol in all of its Services: got ${namesOf(same)}`;
      report('IST0116', deployment, 'metadata.name', text);
    }
    for (const [target, same] of Map.groupBy(ports, (port) => port.target)) {
      const numbers = [...new Set(same.map(({ number }) => number))].sort((a, b) => a - b);
      if (numbers.length < 2) continue;
      const text = `Target port ${target} must be one port of its Services: got ${numbers.join(', ')} of ${namesOf(same)}`;
      report('IST0137', deployment, 'metadata.name', text);
    }
  }
}

type Port = { service: string; number: number; protocol: string; target: string };

function portsOf(deployment: KubeObject, labels: Readonly<Record<string, string>>, { ofKind }: AnalyzedWorld): Port[] {
  return ofKind('Service')
    .filter((service) => namespaceOf(service) === namespaceOf(deployment))
    .filter(({ spec }) => {
      const selector = mapOf(fieldsOf(spec).selector);
      return Object.keys(selector).length > 0 && selects(selector, labels);
    })
    .flatMap((service) =>
      listOf(fieldsOf(service.spec).ports).map((port) => {
        const { port: number, protocol, targetPort } = fieldsOf(port);
        const target = String(targetPort || number);
        return { service: fullNameOf(service), number: Number(number), protocol: textOf(protocol) || 'TCP', target };
      }),
    );
}

function namesOf(ports: readonly Port[]): string {
  return [...new Set(ports.map(({ service }) => service))].sort().join(', ');
}

/** Whether its pods get a proxy beside them: by their own word, else by that of their namespace. */
function isInMesh(deployment: KubeObject, { metadata, spec }: Fields, { ofKind }: AnalyzedWorld): boolean {
  if (mapOf(deployment.metadata.labels)['gateway.istio.io/managed'] === 'istio.io-mesh-controller') return false;
  if (listOf(fieldsOf(spec).containers).some((container) => fieldsOf(container).name === PROXY_CONTAINER)) return true;
  const { labels, annotations } = fieldsOf(metadata);
  const own = mapOf(labels)['sidecar.istio.io/inject'] ?? mapOf(annotations)['sidecar.istio.io/inject'];
  if (own !== undefined) return own === 'true';
  const namespace = ofKind('Namespace').find((one) => one.metadata.name === namespaceOf(deployment));
  const ofNamespace = mapOf(namespace?.metadata.labels);
  return ofNamespace['istio-injection'] === 'enabled' || ofNamespace['istio.io/rev'] !== undefined;
}
