/** Asks the admin port of a proxy that runs. */

import { messageOf, SluiceError } from '../lib/errors.ts';

/** A proxy that answers at all answers at once; it collects from its workers first. */
const PATIENCE_MS = 5_000;

/** @returns what the page answers @throws SL0405 when nobody answers, or not as a proxy does */
export async function askAdmin<T>(adminUrl: string, path: string): Promise<T> {
  try {
    const answer = await fetch(`${adminUrl}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return (await answer.json()) as T;
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    throw new SluiceError('SL0405', `No proxy answers at ${adminUrl}${path}: ${messageOf(cause)}`, { cause: thrown });
  }
}
