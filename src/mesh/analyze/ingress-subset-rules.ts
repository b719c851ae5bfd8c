/** IST0140: what enters by a gateway is routed by the gateway's VirtualService alone; subset rules for the mesh do not touch it. */

import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, textsOf } from './loose-fields.ts';
import { destinationsOf } from './route-destinations.ts';
import { inFull } from './service-hosts.ts';

export function analyzeIngressSubsetRules(world: AnalyzedWorld, report: ReportMessage): void {
  const virtualServices = world.ofKind('VirtualService');
  const subsetRules = virtualServices.flatMap((virtualService) => {
    const hosts = textsOf(fieldsOf(virtualService.spec).hosts);
    return destinationsOf(virtualService)
      .filter(({ subset, host, isMirror }) => subset !== '' && !isMirror && hosts.includes(host))
      .map(({ host }) => ({ host: inFull(host, namespaceOf(virtualService)), name: fullNameOf(virtualService) }));
  });
  for (const virtualService of virtualServices) {
    if (!textsOf(fieldsOf(virtualService.spec).gateways).some((gateway) => gateway !== 'mesh')) continue;
    for (const { host, subset, path, isMirror } of destinationsOf(virtualService)) {
      if (subset !== '' || isMirror) continue;
      const rule = subsetRules.find((one) => one.host === inFull(host, namespaceOf(virtualService)));
      if (rule === undefined) continue;
      const text = `Requests from a gateway do not see the subset rules of ${rule.name} for "${host}": name the subsets here`;
      report('IST0140', virtualService, `${path}.host`, text);
    }
  }
}
