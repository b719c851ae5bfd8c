/** The port behind which metrics servers stand. */

import type { MetricProviderSpec } from './metric-template.schema.ts';
import type { Sample } from './verdict.ts';

export interface MetricProvider {
  /** Asks for one number, now. Never rejects: what goes wrong is a sample of its own kind, with the reason in words. */
  query(query: string, signal: AbortSignal): Promise<Sample>;
}

/** A provider type that the schema accepts and this version cannot ask: every query holds the rollout and says why. */
export function createUnsupportedProvider(type: MetricProviderSpec['type']): MetricProvider {
  const reason = `Metric providers of type ${type} are not supported: use a provider of type prometheus`;
  return { query: async () => ({ kind: 'unreachable', reason }) };
}
