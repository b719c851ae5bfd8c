/** Which kinds a Canary cannot do without, beside those that every Canary needs; absent ones must not hold up the others. */

import type { CanarySpec } from '../canary/canary.schema.ts';
import type { ControllerCaches } from './controller-caches.ts';

/** @returns what is not known (yet), as people name kinds: `MetricTemplate (flagger.app)` */
export function missingKinds(
  { autoscalerRef, analysis }: CanarySpec,
  { unsynced }: Pick<ControllerCaches, 'unsynced'>,
): string[] {
  const metrics = [analysis.metrics ?? [], ...(analysis.stages ?? []).map((stage) => stage.metrics ?? [])].flat();
  const needed = ['VirtualService', 'DestinationRule'];
  if (autoscalerRef !== undefined) needed.push('HorizontalPodAutoscaler');
  if (metrics.some(({ templateRef }) => templateRef !== undefined)) needed.push('MetricTemplate');
  return unsynced()
    .filter(({ kind }) => needed.includes(kind))
    .map(({ kind, group }) => `${kind} (${group})`);
}
