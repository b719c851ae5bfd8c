/** IST0101: a subset that a VirtualService sends to must be defined by a DestinationRule for its host. */

import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, listOf, textOf } from './loose-fields.ts';
import { destinationsOf } from './route-destinations.ts';
import { inFull } from './service-hosts.ts';

export function analyzeDestinationSubsets(world: AnalyzedWorld, report: ReportMessage): void {
  const defined = new Set(
    world.ofKind('DestinationRule').flatMap((rule) => {
      const { host, subsets } = fieldsOf(rule.spec);
      const name = inFull(textOf(host), namespaceOf(rule));
      return listOf(subsets).map((subset) => `${name}+${textOf(fieldsOf(subset).name)}`);
    }),
  );
  for (const virtualService of world.ofKind('VirtualService')) {
    for (const { host, subset, path, isMirror } of destinationsOf(virtualService)) {
      if (subset === '' || defined.has(`${inFull(host, namespaceOf(virtualService))}+${subset}`)) continue;
      const meant = isMirror ? 'mirror+subset' : 'host+subset';
      const text = `Referenced ${meant} in destinationrule not found: "${host}+${subset}"`;
      report('IST0101', virtualService, `${path}.subset`, text);
    }
  }
}
