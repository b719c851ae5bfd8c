/** IST0134: by a TCP port alone nobody can tell which host is meant, unless the entry has addresses of its own. */

import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { fieldsOf, listOf, mapOf, textOf } from './loose-fields.ts';

export function analyzeServiceEntryAddresses(world: AnalyzedWorld, report: ReportMessage): void {
  if (allocatesAddresses(world.meshConfig)) return;
  for (const entry of world.ofKind('ServiceEntry')) {
    const { addresses, ports } = fieldsOf(entry.spec);
    const allocated = listOf(fieldsOf(entry.status).addresses);
    if (addresses !== undefined || allocated.length > 0) continue;
    for (const [index, port] of listOf(ports).entries()) {
      const protocol = textOf(fieldsOf(port).protocol);
      if (protocol !== '' && protocol.toUpperCase() !== 'TCP') continue;
      const text = 'A port without protocol or with protocol TCP needs spec.addresses: got none';
      report('IST0134', entry, `spec.ports[${index}]`, text);
    }
  }
}

/** Whether every proxy gives hosts addresses of their own. */
function allocatesAddresses(meshConfig: unknown): boolean {
  const metadata = mapOf(fieldsOf(fieldsOf(meshConfig).defaultConfig).proxyMetadata);
  const allocates = [metadata.ISTIO_META_DNS_AUTO_ALLOCATE, metadata.PILOT_ENABLE_IP_AUTOALLOCATE].includes('true');
  return metadata.ISTIO_META_DNS_CAPTURE === 'true' && allocates;
}
