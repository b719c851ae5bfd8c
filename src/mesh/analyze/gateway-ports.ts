/** IST0101 and IST0162: a Gateway must select a proxy, and the ports of its servers must be ports of that proxy's Services. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf, type Workload } from './analyzed-world.ts';
import { istioGateways } from './istio-gateways.ts';
import { fieldsOf, listOf, mapOf, numberOf, selectorText, selects } from './loose-fields.ts';

export function analyzeGatewayPorts(world: AnalyzedWorld, report: ReportMessage): void {
  for (const gateway of istioGateways(world)) {
    const { selector, servers } = fieldsOf(gateway.spec);
    const proxies = world.workloads.filter(({ labels }) => selects(mapOf(selector), labels));
    if (proxies.length === 0) {
      const text = `Referenced selector not found: "${selectorText(mapOf(selector))}"`;
      report('IST0101', gateway, 'spec.selector', text);
      continue;
    }
    const offered = new Set(proxies.flatMap((proxy) => portsOf(proxy, world.ofKind('Service'))));
    for (const [index, server] of listOf(servers).entries()) {
      const number = numberOf(fieldsOf(fieldsOf(server).port).number);
      if (number === undefined || offered.has(number)) continue;
      const text = `No Service of the selected proxies has port ${number}`;
      report('IST0162', gateway, `spec.servers[${index}].port.number`, text);
    }
  }
}

// A server listens on what the Service calls its port or its target port.
function portsOf(proxy: Workload, services: readonly KubeObject[]): number[] {
  return services
    .filter((service) => namespaceOf(service) === proxy.namespace)
    .filter((service) => {
      const selector = mapOf(fieldsOf(service.spec).selector);
      return Object.keys(selector).length > 0 && selects(selector, proxy.labels);
    })
    .flatMap((service) => listOf(fieldsOf(service.spec).ports))
    .flatMap((port) => {
      const { port: number, targetPort, protocol = 'TCP' } = fieldsOf(port);
      return protocol === 'TCP' ? [numberOf(number), numberOf(targetPort)] : [];
    })
    .filter((number) => number !== undefined);
}
