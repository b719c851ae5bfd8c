/** IST0138: two Gateways of one proxy that share a certificate confuse browsers, which reuse connections (HTTP/2, RFC 9113 9.1.1). */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf } from './analyzed-world.ts';
import { istioGateways } from './istio-gateways.ts';
import { fieldsOf, listOf, mapOf, selects, textOf } from './loose-fields.ts';

export function analyzeGatewayCertificates(world: AnalyzedWorld, report: ReportMessage): void {
  const gateways = istioGateways(world);
  for (const gateway of gateways) {
    const own = certificatesOf(gateway);
    const selector = mapOf(fieldsOf(gateway.spec).selector);
    for (const other of gateways) {
      if (other === gateway || !selects(selector, mapOf(fieldsOf(other.spec).selector))) continue;
      const theirs = certificatesOf(other);
      const shared = own.find(({ id }) => theirs.some((one) => one.id === id));
      if (shared === undefined) continue;
      const text = `The certificate is that of another Gateway of the same proxy, too: ${fullNameOf(other)}`;
      report('IST0138', gateway, shared.path, text);
    }
  }
}

function certificatesOf(gateway: KubeObject): { id: string; path: string }[] {
  return listOf(fieldsOf(gateway.spec).servers).flatMap((server, index) => {
    const { credentialName, serverCertificate, privateKey } = fieldsOf(fieldsOf(server).tls);
    const path = `spec.servers[${index}].tls`;
    if (textOf(credentialName) !== '') return [{ id: `secret ${textOf(credentialName)}`, path }];
    if (textOf(serverCertificate) === '' || textOf(privateKey) === '') return [];
    return [{ id: `file ${textOf(serverCertificate)} ${textOf(privateKey)}`, path }];
  });
}
