/** IST0118 and IST0150: the name of a Service's port says what it speaks (istio.md 2.2); without, Istio looks at the first bytes. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, listOf, mapOf, textOf } from './loose-fields.ts';

const PROTOCOLS = [
  ...['http', 'http2', 'http-proxy', 'http_proxy', 'https', 'grpc', 'grpc-web', 'tcp', 'tls', 'udp'],
  ...['mongo', 'redis', 'mysql', 'hbone', 'double-hbone', 'kubernetes.io/h2c', 'kubernetes.io/ws', 'kubernetes.io/wss'],
];
/** Ports whose protocol Istio knows whatever their name, because there the server speaks first. */
const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

export function analyzeServicePortNames(world: AnalyzedWorld, report: ReportMessage): void {
  for (const service of world.ofKind('Service')) {
    if (SYSTEM_NAMESPACES.includes(namespaceOf(service)) || isControlPlane(service)) continue;
    const { ports, type } = fieldsOf(service.spec);
    for (const [index, port] of listOf(ports).entries()) {
      const { name, appProtocol, protocol, port: number } = fieldsOf(port);
      const isNamed = protocol === 'UDP' || saysProtocol(textOf(appProtocol) || textOf(name));
      const path = `spec.ports[${index}]`;
      if (type === 'ExternalName' && (!isNamed || name === 'tcp')) {
        const text = 'A port of an ExternalName Service must say an HTTP or TLS protocol in its name';
        report('IST0150', service, path, text);
      } else if (!isNamed) {
        const text = `Port ${Number(number)} must say its protocol in its name, such as http or http-web: got "${textOf(name)}"`;
        report('IST0118', service, path, text);
      }
    }
  }
}

/** `http`, or `http-` and anything. */
function saysProtocol(name: string): boolean {
  const written = name.toLowerCase();
  return PROTOCOLS.some((protocol) => written === protocol || written.startsWith(`${protocol}-`));
}

function isControlPlane({ metadata }: KubeObject): boolean {
  const labels = mapOf(metadata.labels);
  return labels.istio !== undefined || labels.release === 'istio';
}
