/** Header operations of a rule and of its destinations, as the table carries them. */

import type { HeadersSpec } from '../schema/http-route.ts';
import type { HeaderOperations } from '../table/route-table.ts';
import type { Report } from './table-issue.ts';

type Side = 'request' | 'response';

/**
 * One side of a rule's operations, with those of its only destination applied after them (with a single destination, its
 * `set` wins; envoy-facts, header operations).
 */
export function compileHeaders(
  levels: readonly { headers: HeadersSpec | undefined; path: string }[],
  side: Side,
  report: Report,
): HeaderOperations | undefined {
  const set: Record<string, string> = {};
  const add: Record<string, string> = {};
  const remove = new Set<string>();
  for (const { headers, path } of levels) {
    const operations = headers?.[side];
    for (const name of operations?.remove ?? []) {
      remove.add(name.toLowerCase());
      delete set[name.toLowerCase()];
      delete add[name.toLowerCase()];
    }
    Object.assign(set, literals(operations?.set, `${path}.${side}.set`, report));
    Object.assign(add, literals(operations?.add, `${path}.${side}.add`, report));
  }
  if (Object.keys(set).length + Object.keys(add).length + remove.size === 0) return undefined;
  return {
    ...(Object.keys(set).length > 0 && { set }),
    ...(Object.keys(add).length > 0 && { add }),
    ...(remove.size > 0 && { remove: [...remove] }),
  };
}

/** Names in lower case; an empty value does nothing in Envoy; `%%` is a percent sign, and commands are not expanded here. */
function literals(values: Record<string, string> | undefined, path: string, report: Report): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value === '') continue;
    if (value.replaceAll('%%', '').includes('%')) {
      report(
        'SL0302',
        `${path}.${name}`,
        `must be literal for the bundled proxy, so the operation is left out: got ${value}`,
      );
      continue;
    }
    const key = name.toLowerCase();
    result[key === ':authority' ? 'host' : key] = value.replaceAll('%%', '%');
  }
  return result;
}
