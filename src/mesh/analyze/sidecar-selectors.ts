/** IST0101, IST0110 and IST0111: a Sidecar's selector must find a workload, and every workload must have one Sidecar at most. */

import type { KubeObject } from '../../lib/resource.ts';
import type { ReportMessage } from './analysis-message.ts';
import { type AnalyzedWorld, fullNameOf, namespaceOf, type Workload } from './analyzed-world.ts';
import { fieldsOf, mapOf, selectorText, selects } from './loose-fields.ts';

export function analyzeSidecarSelectors(world: AnalyzedWorld, report: ReportMessage): void {
  const sidecars = world.ofKind('Sidecar');
  const unselective = sidecars.filter((sidecar) => Object.keys(selectorOf(sidecar)).length === 0);
  for (const rivals of Map.groupBy(unselective, namespaceOf).values()) {
    if (rivals.length < 2) continue;
    const text = `A namespace must have one Sidecar without workloadSelector: got ${namesOf(rivals)}`;
    for (const sidecar of rivals) report('IST0111', sidecar, 'metadata.name', text);
  }
  const bySelected = new Map<Workload, KubeObject[]>();
  for (const sidecar of sidecars.filter((one) => !unselective.includes(one))) {
    const selector = selectorOf(sidecar);
    const selected = world.workloads.filter(
      ({ namespace, labels }) => namespace === namespaceOf(sidecar) && selects(selector, labels),
    );
    for (const workload of selected) bySelected.set(workload, [...(bySelected.get(workload) ?? []), sidecar]);
    if (selected.length > 0) continue;
    const text = `Referenced selector not found: "${selectorText(selector)}"`;
    report('IST0101', sidecar, 'spec.workloadSelector.labels', text);
  }
  reportOverlaps(bySelected, report);
}

/** One message for each Sidecar, however many workloads it shares. */
function reportOverlaps(bySelected: ReadonlyMap<Workload, readonly KubeObject[]>, report: ReportMessage): void {
  const said = new Set<KubeObject>();
  for (const [{ namespace, name }, rivals] of bySelected) {
    if (rivals.length < 2) continue;
    for (const sidecar of rivals) {
      if (said.has(sidecar)) continue;
      said.add(sidecar);
      const text = `Workload ${namespace}/${name} must be selected by one Sidecar: got ${namesOf(rivals)}`;
      report('IST0110', sidecar, 'spec.workloadSelector.labels', text);
    }
  }
}

function selectorOf({ spec }: KubeObject): Readonly<Record<string, string>> {
  return mapOf(fieldsOf(fieldsOf(spec).workloadSelector).labels);
}

function namesOf(objects: readonly KubeObject[]): string {
  return objects.map(fullNameOf).sort().join(', ');
}
