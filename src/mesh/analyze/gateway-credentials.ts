/**
 * IST0101 and IST0161: the secret of a Gateway's server must be in the namespace of the proxy that serves it, not in that of the
 * Gateway, and hold a certificate.
 */

import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf } from './analyzed-world.ts';
import { istioGateways } from './istio-gateways.ts';
import { fieldsOf, listOf, mapOf, selectorText, selects, textOf } from './loose-fields.ts';
import { whyUnusable } from './secret-certificate.ts';

export function analyzeGatewayCredentials(world: AnalyzedWorld, report: ReportMessage): void {
  const secrets = new Map(world.ofKind('Secret').map((secret) => [fullNameOf(secret), secret]));
  // Where no secret is known at all, as of an API server that keeps them, nothing can be said.
  if (secrets.size === 0) return;
  for (const gateway of istioGateways(world)) {
    const { selector, servers } = fieldsOf(gateway.spec);
    const proxy = world.workloads.find(({ labels }) => selects(mapOf(selector), labels));
    if (proxy === undefined) {
      const text = `Referenced selector not found: "${selectorText(mapOf(selector))}"`;
      report('IST0101', gateway, 'spec.selector', text);
      continue;
    }
    for (const [index, server] of listOf(servers).entries()) {
      const name = textOf(fieldsOf(fieldsOf(server).tls).credentialName);
      if (name === '') continue;
      const path = `spec.servers[${index}].tls.credentialName`;
      const secret = secrets.get(name.includes('/') ? name : `${proxy.namespace}/${name}`);
      if (secret === undefined) {
        report('IST0101', gateway, path, `Referenced credentialName not found: "${name}"`);
        continue;
      }
      const reason = whyUnusable(secret);
      if (reason !== undefined) report('IST0161', gateway, path, `No server can use secret "${name}": ${reason}`);
    }
  }
}
