/** IST0173 and IST0174: a DestinationRule must speak of a known host, and its subsets must select pods. */

import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, namespaceOf } from './analyzed-world.ts';
import { fieldsOf, listOf, mapOf, selectorText, selects, textOf, textsOf } from './loose-fields.ts';
import { indexHosts } from './service-hosts.ts';

export function analyzeDestinationRuleSubsets(world: AnalyzedWorld, report: ReportMessage): void {
  const hosts = indexHosts(world);
  const labelled = [...world.workloads.map(({ labels }) => labels), ...endpointLabels(world)];
  for (const rule of world.ofKind('DestinationRule')) {
    const { host, exportTo, subsets } = fieldsOf(rule.spec);
    const query = { host: textOf(host), namespace: namespaceOf(rule), exportTo: textsOf(exportTo) };
    const known = hosts.find(query);
    if (known === undefined) {
      report('IST0174', rule, 'spec.host', `No Service or ServiceEntry is called "${query.host}"`);
      continue;
    }
    for (const [index, subset] of listOf(subsets).entries()) {
      const { name, labels } = fieldsOf(subset);
      const selector = { ...known.selector, ...mapOf(labels) };
      // Where no workload is known at all, as in a folder of routes alone, nothing can be said.
      if (labelled.length === 0 || labelled.some((one) => selects(selector, one))) continue;
      const text = `Subset "${textOf(name)}" selects no pod: none has ${selectorText(selector)}`;
      report('IST0173', rule, `spec.subsets[${index}]`, text);
    }
  }
}

/** Workloads that are no pods: WorkloadEntries, and endpoints that a ServiceEntry lists. */
function endpointLabels({ ofKind }: AnalyzedWorld): Readonly<Record<string, string>>[] {
  return [
    ...ofKind('WorkloadEntry').map(({ spec }) => mapOf(fieldsOf(spec).labels)),
    ...ofKind('ServiceEntry')
      .flatMap(({ spec }) => listOf(fieldsOf(spec).endpoints))
      .map((endpoint) => mapOf(fieldsOf(endpoint).labels)),
  ];
}
