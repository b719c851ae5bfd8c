/** IST0151 to IST0155: operations of an EnvoyFilter that have no effect where they are applied, or depend on the order of filters. */

import type { ReportMessage } from './analysis-message.ts';
import type { AnalyzedWorld } from './analyzed-world.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './loose-fields.ts';

/** Places to which nothing can be added, and from which nothing can be removed. */
const WHOLE_ROUTES = ['ROUTE_CONFIGURATION', 'HTTP_ROUTE'];
const FILTERS = ['NETWORK_FILTER', 'HTTP_FILTER'];
const RELATIVE = ['INSERT_BEFORE', 'INSERT_AFTER', 'REMOVE', 'REPLACE'];

export function analyzeEnvoyFilterPatches(world: AnalyzedWorld, report: ReportMessage): void {
  /** Filters that some patch names for certain versions of the proxy only. */
  const versioned = new Set<string>();
  for (const filter of world.ofKind('EnvoyFilter')) {
    const { configPatches, priority } = fieldsOf(filter.spec);
    for (const [index, written] of listOf(configPatches).entries()) {
      const { applyTo, patch, match } = fieldsOf(written);
      const name = filterName(fieldsOf(fieldsOf(patch).value), fieldsOf(match));
      const place = { applyTo: textOf(applyTo), hasPriority: (numberOf(priority) ?? 0) !== 0 };
      const found = judge(textOf(fieldsOf(patch).operation), { ...place, isVersioned: versioned.has(name) });
      if (found !== undefined) report(found.code, filter, `spec.configPatches[${index}]`, found.text);
      if (textOf(fieldsOf(fieldsOf(match).proxy).proxyVersion) !== '') versioned.add(name);
    }
  }
}

type Judged = { code: 'IST0151' | 'IST0152' | 'IST0153' | 'IST0154' | 'IST0155'; text: string };
type Place = { applyTo: string; hasPriority: boolean; isVersioned: boolean };

function judge(operation: string, { applyTo, hasPriority, isVersioned }: Place): Judged | undefined {
  if (operation === 'ADD' && WHOLE_ROUTES.includes(applyTo))
    return { code: 'IST0153', text: `ADD has no effect on ${applyTo}` };
  if (operation === 'REMOVE' && WHOLE_ROUTES.includes(applyTo))
    return { code: 'IST0154', text: `REMOVE has no effect on ${applyTo}` };
  if (operation === 'REPLACE' && !FILTERS.includes(applyTo))
    return { code: 'IST0152', text: `REPLACE has an effect on ${FILTERS.join(' and ')} only: got ${applyTo}` };
  if (!RELATIVE.includes(operation) || hasPriority) return undefined;
  const text = `${operation} depends on what other filters do: set spec.priority`;
  return isVersioned
    ? { code: 'IST0155', text: `${text}; another patch changes the same filter for some proxyVersion` }
    : { code: 'IST0151', text };
}

function filterName(value: Fields, { listener }: Fields): string {
  const chain = fieldsOf(fieldsOf(fieldsOf(listener).filterChain).filter);
  if (Object.keys(value).length === 0) return '';
  return textOf(value.name) || textOf(chain.name);
}
