/** IST0149: a condition on a claim holds only where a RequestAuthentication has checked the token before. */

import type { KubeObject } from '../../lib/resource.ts';
import { gatewayKey } from '../compile/gateway-reference.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf, type Workload } from './analyzed-world.ts';
import { istioGatewaysByName } from './istio-gateways.ts';
import { fieldsOf, listOf, mapOf, selects, textsOf } from './loose-fields.ts';

const CLAIM_PREFIX = '@request.auth.claims';
const ROOT_NAMESPACE = 'istio-system';

export function analyzeJwtClaimRoutes(world: AnalyzedWorld, report: ReportMessage): void {
  const gateways = istioGatewaysByName(world);
  for (const virtualService of world.ofKind('VirtualService')) {
    const claim = claimOf(virtualService);
    if (claim === undefined) continue;
    for (const written of textsOf(fieldsOf(virtualService.spec).gateways)) {
      const name = gatewayKey(written, { namespace: namespaceOf(virtualService) });
      const gateway = gateways.get(name);
      if (gateway === undefined) continue;
      const selector = mapOf(fieldsOf(gateway.spec).selector);
      const bare = world.workloads
        .filter(({ labels }) => selects(selector, labels))
        .find((proxy) => !checks(world, proxy));
      if (bare === undefined) continue;
      const text = `No RequestAuthentication checks tokens at ${bare.namespace}/${bare.name} of gateway ${name}: ${claim.key} never holds`;
      report('IST0149', virtualService, claim.path, text);
    }
  }
}

function claimOf({ spec }: KubeObject): { key: string; path: string } | undefined {
  for (const [rule, { match }] of listOf(fieldsOf(spec).http).map(fieldsOf).entries()) {
    for (const [entry, { headers, withoutHeaders }] of listOf(match).map(fieldsOf).entries()) {
      const keys = [...Object.keys(fieldsOf(headers)), ...Object.keys(fieldsOf(withoutHeaders))];
      const key = keys.find((name) => name.startsWith(CLAIM_PREFIX));
      if (key !== undefined) return { key, path: `spec.http[${rule}].match[${entry}]` };
    }
  }
  return undefined;
}

function checks({ ofKind }: AnalyzedWorld, { namespace, labels }: Workload): boolean {
  return ofKind('RequestAuthentication')
    .filter((one) => [ROOT_NAMESPACE, namespace].includes(namespaceOf(one)))
    .some(({ spec }) => selects(mapOf(fieldsOf(fieldsOf(spec).selector).matchLabels), labels));
}
