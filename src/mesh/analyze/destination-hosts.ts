/** IST0101 and IST0112: hosts and ports that a VirtualService sends to must exist, and one of several ports must be chosen. */

import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, textsOf } from './loose-fields.ts';
import { destinationsOf } from './route-destinations.ts';
import { indexHosts } from './service-hosts.ts';

export function analyzeDestinationHosts(world: AnalyzedWorld, report: ReportMessage): void {
  const hosts = indexHosts(world);
  for (const virtualService of world.ofKind('VirtualService')) {
    const exportTo = textsOf(fieldsOf(virtualService.spec).exportTo);
    for (const { host, port, path, isMirror } of destinationsOf(virtualService)) {
      const known = hosts.find({ host, namespace: namespaceOf(virtualService), exportTo });
      const say = (code: 'IST0101' | 'IST0112', field: string, text: string) =>
        report(code, virtualService, `${path}.${field}`, text);
      if (known === undefined) {
        say('IST0101', 'host', `Referenced ${isMirror ? 'mirror host' : 'host'} not found: "${host}"`);
      } else if (port === undefined) {
        if (known.ports.length > 1) {
          say('IST0112', 'host', `Destination "${host}" must name one of its ports: it has ${known.ports.join(', ')}`);
        }
      } else if (!known.ports.includes(port)) {
        say('IST0101', 'port', `Referenced host:port not found: "${host}:${port}"`);
      }
    }
  }
}
