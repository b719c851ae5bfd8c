/** IST0128 and IST0129: TLS towards a service without caCertificates checks nobody's certificate. */

import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { fieldsOf, listOf, numberOf, textOf } from './loose-fields.ts';

export function analyzeDestinationRuleCertificates(world: AnalyzedWorld, report: ReportMessage): void {
  for (const rule of world.ofKind('DestinationRule')) {
    const { trafficPolicy, workloadSelector } = fieldsOf(rule.spec);
    // Only rules with a selector reach the proxies that can read the secret.
    const hasSecrets = workloadSelector !== undefined;
    const { tls, portLevelSettings } = fieldsOf(trafficPolicy);
    if (checksNobody(tls, hasSecrets)) report('IST0128', rule, 'spec.trafficPolicy.tls', textFor(tls, ''));
    for (const [index, setting] of listOf(portLevelSettings).entries()) {
      const { tls: ofPort, port } = fieldsOf(setting);
      if (!checksNobody(ofPort, hasSecrets)) continue;
      const text = textFor(ofPort, ` for port ${numberOf(fieldsOf(port).number)}`);
      report('IST0129', rule, `spec.trafficPolicy.portLevelSettings[${index}].tls`, text);
    }
  }
}

function checksNobody(tls: unknown, hasSecrets: boolean): boolean {
  const { mode, caCertificates, credentialName } = fieldsOf(tls);
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return false;
  return textOf(caCertificates) === '' && !(hasSecrets && textOf(credentialName) !== '');
}

function textFor(tls: unknown, where: string): string {
  return `TLS mode ${textOf(fieldsOf(tls).mode)}${where} needs caCertificates, without which the server's certificate is not checked`;
}
