/** IST0101, IST0110, IST0111 and IST0167: a Sidecar's selector must find a workload, and every workload must have one Sidecar at most. */

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
  for (const sidecar of sidecars) {
    if (!isAmbient(namespaceOf(sidecar), world)) continue;
    report(
      'IST0167',
      sidecar,
      'metadata.namespace',
      'A Sidecar has no effect on workloads without a proxy beside them',
    );
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

/** Whether the workloads of the namespace are in the mesh without proxies of their own. */
function isAmbient(namespace: string, { ofKind }: AnalyzedWorld): boolean {
  const found = ofKind('Namespace').find(({ metadata }) => metadata.name === namespace);
  const labels = mapOf(found?.metadata.labels);
  const hasProxies = labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] !== undefined;
  return labels['istio.io/dataplane-mode'] === 'ambient' && !hasProxies;
}

function selectorOf({ spec }: KubeObject): Readonly<Record<string, string>> {
  return mapOf(fieldsOf(fieldsOf(spec).workloadSelector).labels);
}

function namesOf(objects: readonly KubeObject[]): string {
  return objects.map(fullNameOf).sort().join(', ');
}
