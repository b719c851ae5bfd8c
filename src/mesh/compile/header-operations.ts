/** Header operations of a rule and of its destinations, as the table carries them (envoy-facts: Header operations). */

import type { HeadersSpec } from '../schema/http-route.ts';
import type { HeaderOperations } from '../table/route-table.ts';

type Side = 'request' | 'response';

/**
 * One side of the operations of two levels, the later one winning.
 *
 * @param removesFirst whether all removals come before everything else; else a removal also takes back what an earlier level did
 */
export function compileHeaders(
  levels: readonly (HeadersSpec | undefined)[],
  side: Side,
  { removesFirst }: { removesFirst: boolean },
): HeaderOperations | undefined {
  const set = new Map<string, string>();
  const add = new Map<string, string[]>();
  const remove = new Set<string>();
  for (const headers of levels) {
    const operations = headers?.[side];
    for (const name of (operations?.remove ?? []).map(lowerCase)) {
      remove.add(name);
      if (removesFirst) continue;
      set.delete(name);
      add.delete(name);
    }
    for (const [name, value] of entriesOf(operations?.set)) {
      set.set(name, value);
      add.delete(name);
    }
    for (const [name, value] of entriesOf(operations?.add)) add.set(name, [...(add.get(name) ?? []), value]);
  }
  if (set.size + add.size + remove.size === 0) return undefined;
  const added = [...add].map(([name, values]) => [name, values.length === 1 ? (values[0] as string) : values] as const);
  return {
    ...(set.size > 0 && { set: Object.fromEntries(set) }),
    ...(add.size > 0 && { add: Object.fromEntries(added) }),
    ...(remove.size > 0 && { remove: [...remove] }),
  };
}

/** Two lengths in one head are how requests are smuggled (RFC 9112 §6.3), so that no rule sets them. */
const FRAMING_FIELDS: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

// An empty value does nothing in Envoy.
function entriesOf(values: Record<string, string> = {}): [string, string][] {
  return Object.entries(values)
    .filter(([name, value]) => value !== '' && !FRAMING_FIELDS.has(lowerCase(name)))
    .map(([name, value]) => [lowerCase(name) === ':authority' ? 'host' : lowerCase(name), value]);
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}
