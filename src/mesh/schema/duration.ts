/** Durations of Istio's resources: Go durations of whole milliseconds, at least one (istio.md 11). */

import { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';

export const durationSchema = z
  .string()
  .refine(isIstioDuration, { error: 'must be a duration of at least 1ms such as 250ms or 10s' });

/** A duration that may be 0, where 0 has a meaning of its own. */
export const durationOrZeroSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as 0s or 10s' });

function isIstioDuration(text: string): boolean {
  const durationMs = parseDuration(text);
  return durationMs !== undefined && durationMs >= 1 && Number.isInteger(Math.round(durationMs * 1e6) / 1e6);
}

/** Milliseconds of a duration that the schema has accepted. */
export function durationMsOf(text: string): number {
  return parseDuration(text) ?? 0;
}
