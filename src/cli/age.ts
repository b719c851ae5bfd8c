/** Ages as kubectl writes them: the two largest units, coarser as they grow. Pure. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `ageMs` as `42s`, `3m20s`, `15m`, `5h3m`, `12h`, `2d4h`, `12d`. */
export function formatAge(ageMs: number): string {
  if (ageMs < 0) return '0s';
  if (ageMs < 2 * MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)}s`;
  if (ageMs < 10 * MINUTE_MS) return twoUnits(ageMs, [MINUTE_MS, 'm'], [SECOND_MS, 's']);
  if (ageMs < 3 * HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)}m`;
  if (ageMs < 8 * HOUR_MS) return twoUnits(ageMs, [HOUR_MS, 'h'], [MINUTE_MS, 'm']);
  if (ageMs < 2 * DAY_MS) return `${Math.floor(ageMs / HOUR_MS)}h`;
  if (ageMs < 8 * DAY_MS) return twoUnits(ageMs, [DAY_MS, 'd'], [HOUR_MS, 'h']);
  return `${Math.floor(ageMs / DAY_MS)}d`;
}

/** The age of something that began at an RFC 3339 instant; `<unknown>` without one. */
export function ageSince(instant: string | undefined, now: number): string {
  const at = instant === undefined ? Number.NaN : Date.parse(instant);
  return Number.isNaN(at) ? '<unknown>' : formatAge(now - at);
}

function twoUnits(ageMs: number, [largeMs, large]: [number, string], [smallMs, small]: [number, string]): string {
  const rest = Math.floor((ageMs % largeMs) / smallMs);
  return `${Math.floor(ageMs / largeMs)}${large}${rest === 0 ? '' : `${rest}${small}`}`;
}
