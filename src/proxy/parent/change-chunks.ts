/**
 * A change of the table in pieces that a worker reads in less than half a millisecond each: one message of 10,000 routes would take it 25 ms
 * during which it serves nobody. `staged-change.ts` puts them together again.
 */

import type { TableItem } from '../../mesh/table/handover.ts';

/** Routes, or items that count as one. */
const CHUNK_WEIGHT = 40;

/** @returns lists of items; a virtual host with many routes stands in several, with a part of its routes in each */
export function* chunksOf(puts: readonly TableItem[]): Generator<TableItem[]> {
  let chunk: TableItem[] = [];
  let weight = 0;
  for (const part of puts.flatMap(partsOf)) {
    chunk.push(part);
    weight += part.kind === 'virtualHost' ? Math.max(1, part.value.routes.length) : 1;
    if (weight < CHUNK_WEIGHT) continue;
    yield chunk;
    chunk = [];
    weight = 0;
  }
  if (chunk.length > 0) yield chunk;
}

function partsOf(item: TableItem): TableItem[] {
  if (item.kind !== 'virtualHost' || item.value.routes.length <= CHUNK_WEIGHT) return [item];
  const { routes } = item.value;
  return Array.from({ length: Math.ceil(routes.length / CHUNK_WEIGHT) }, (_, index) => ({
    ...item,
    value: { ...item.value, routes: routes.slice(index * CHUNK_WEIGHT, (index + 1) * CHUNK_WEIGHT) },
  }));
}
