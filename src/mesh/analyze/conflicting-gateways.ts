/** IST0145: two Gateways on the same proxies must not serve the same host on the same port and address. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf, type Workload } from './analyzed-world.ts';
import { hostsOverlap } from './gateway-hosts.ts';
import { istioGateways } from './istio-gateways.ts';
import { fieldsOf, listOf, mapOf, numberOf, selectorText, selects, textOf, textsOf } from './loose-fields.ts';

type Selector = Readonly<Record<string, string>>;
type Server = {
  gateway: KubeObject;
  name: string;
  selector: Selector;
  path: string;
  port: number;
  bind: string;
  hosts: readonly string[];
};

export function analyzeConflictingGateways(world: AnalyzedWorld, report: ReportMessage): void {
  const servers = istioGateways(world).flatMap(serversOf);
  for (const [port, onPort] of Map.groupBy(servers, ({ port }) => port)) {
    for (const server of onPort) {
      const rivals = onPort.filter((other) => conflict(server, other, world.workloads)).map(({ name }) => name);
      if (rivals.length === 0) continue;
      const names = [...new Set(rivals)].sort().join(', ');
      const text = `Port ${port} for ${server.hosts.join(', ')} is served on the same proxies (${selectorText(server.selector)}) by ${names}, too`;
      report('IST0145', server.gateway, server.path, text);
    }
  }
}

function serversOf(gateway: KubeObject): Server[] {
  const { selector, servers } = fieldsOf(gateway.spec);
  return listOf(servers).flatMap((server, index) => {
    const { port, bind, hosts } = fieldsOf(server);
    const number = numberOf(fieldsOf(port).number);
    if (number === undefined) return [];
    const place = { gateway, name: fullNameOf(gateway), path: `spec.servers[${index}]` };
    return [{ ...place, selector: mapOf(selector), port: number, bind: textOf(bind), hosts: textsOf(hosts) }];
  });
}

function conflict(a: Server, b: Server, workloads: readonly Workload[]): boolean {
  if (a.name === b.name || a.bind !== b.bind) return false;
  if (!a.hosts.some((host) => b.hosts.some((other) => hostsOverlap(host, other)))) return false;
  const isSame = selectorText(a.selector) === selectorText(b.selector);
  return isSame || workloads.some(({ labels }) => selects(a.selector, labels) && selects(b.selector, labels));
}
