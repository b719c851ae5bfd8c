/** Finds a Canary by name, or says which names there are. */

import { CANARY, type Canary } from '../canary/canary.schema.ts';
import { SluiceError } from '../lib/errors.ts';
import type { Session } from './session.ts';

/** @throws SluiceError SL0007 with the nearest existing name */
export async function findCanary({ client, namespace }: Session, name: string): Promise<Canary> {
  const canary = await client.get<Canary>(CANARY, { namespace, name });
  if (canary !== undefined) return canary;
  const { items } = await client.list<Canary>(CANARY, { namespace });
  const names = items.map((item) => item.metadata.name);
  const near = nearest(name, names);
  const hint =
    near !== undefined ? `: did you mean ${near}?` : names.length > 0 ? `: there are ${names.join(', ')}` : '';
  throw new SluiceError('SL0007', `Canary ${name} was not found in namespace ${namespace}${hint}`);
}

/** The candidate with the fewest edits, if it is near enough to be a slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: editDistance(word, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
