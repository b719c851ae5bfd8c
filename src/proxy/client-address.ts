/**
 * Whose request it is: behind other proxies that is not who connected, and what strangers write in x-forwarded-for is not to be
 * believed (Envoy's trusted client address; Istio's pages on gateway network topology).
 */

import { isIP } from 'node:net';
import type { DataPath } from './data-path.ts';

/**
 * Beside a caller the last entry counts. A gateway believes as many entries, from the right, as there are proxies of ours before it:
 * each of them wrote down who connected to it.
 *
 * @param forwardedFor x-forwarded-for as it came
 * @param peer who connected
 * @returns an IP address; the peer's where the list is too short or names none
 */
export function clientAddress(
  forwardedFor: string | undefined,
  peer: string,
  { role, reading: { trustedProxies } }: Pick<DataPath, 'role' | 'reading'>,
): string {
  let skipped = role === 'sidecar' ? 0 : trustedProxies - 1;
  if (forwardedFor === undefined || skipped < 0) return peer;
  let end = forwardedFor.length;
  for (; skipped > 0 && end > 0; skipped--) end = forwardedFor.lastIndexOf(',', end - 1);
  if (end <= 0) return peer;
  const written = forwardedFor.slice(forwardedFor.lastIndexOf(',', end - 1) + 1, end).trim();
  return isIP(written) === 0 ? peer : written;
}
