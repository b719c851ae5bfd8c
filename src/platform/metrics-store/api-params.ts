/** Parameters of Prometheus' HTTP API: instants, steps and selectors as text. */

import type { EpochMs } from '../../lib/clock.ts';
import type { Matcher } from './promql/ast.ts';
import { parseFloatText } from './promql/format-float.ts';
import { parsePromql } from './promql/parser.ts';
import { parsePromDuration } from './promql/prom-duration.ts';
import { PromqlError } from './promql/promql-error.ts';

/** Seconds since 1970 or RFC 3339. */
export function timeParam(params: URLSearchParams, name: string, fallback?: EpochMs): EpochMs {
  const text = params.get(name);
  if (text === null || text === '') {
    if (fallback !== undefined) return fallback;
    throw invalid(name, 'cannot parse "" to a valid timestamp');
  }
  const seconds = parseFloatText(text);
  const timeMs = seconds === undefined ? parseRfc3339(text) : Math.round(seconds * 1_000);
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) {
    throw invalid(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  }
  return timeMs;
}

/** Seconds or a Prometheus duration; in milliseconds. */
export function stepParam(params: URLSearchParams): number {
  const text = params.get('step') ?? '';
  const seconds = parseFloatText(text);
  const stepMs = seconds === undefined ? parsePromDuration(text) : seconds * 1_000;
  if (stepMs === undefined || !Number.isFinite(stepMs)) {
    throw invalid('step', `cannot parse ${JSON.stringify(text)} to a valid duration`);
  }
  if (stepMs < 1)
    throw invalid('step', 'zero or negative query resolution step widths are not accepted. Try a positive integer');
  return Math.round(stepMs);
}

/** Every `match[]`, each an instant vector selector. */
export function matchParams(params: URLSearchParams): (readonly Matcher[])[] {
  return params.getAll('match[]').map((text) => {
    const expr = asBadParam('match[]', () => parsePromql(text));
    if (expr.kind !== 'vector' || expr.offsetMs !== 0)
      throw invalid('match[]', `expected a series selector: got ${text.slice(0, 200)}`);
    return expr.matchers;
  });
}

export function limitParam(params: URLSearchParams): number {
  const text = params.get('limit');
  const limit = text === null ? Number.POSITIVE_INFINITY : Number(text);
  if (text === '' || Number.isNaN(limit) || (text !== null && !Number.isInteger(limit)))
    throw invalid('limit', 'must be a whole number');
  return limit <= 0 ? Number.POSITIVE_INFINITY : limit;
}

/** Names the parameter in which a query was wrong, as Prometheus does. */
export function asBadParam<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof PromqlError && thrown.kind === 'badData') throw invalid(name, thrown.message);
    throw thrown;
  }
}

export function invalid(name: string, message: string): PromqlError {
  return new PromqlError('badData', `invalid parameter ${JSON.stringify(name)}: ${message}`);
}

function parseRfc3339(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}
