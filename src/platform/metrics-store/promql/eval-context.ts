/** What an evaluation needs to know: where series come from, the instant, and how windows are read. */

import type { Series } from '../series-store.ts';
import type { Matcher, VectorSelector } from './ast.ts';
import { executionError } from './promql-error.ts';

export interface SeriesSource {
  select(matchers: readonly Matcher[]): Series[];
}

export type EvalSettings = {
  /** How old the newest sample of a series may be, in milliseconds; Prometheus' default is 5 minutes. */
  lookbackMs: number;
  /** Prometheus 3 leaves the left end out of ranges and of the look-back, Prometheus 2 takes it in. */
  windows: 'leftOpen' | 'closed';
  /** Step of a subquery that states none. */
  defaultStepMs: number;
  /** Samples that one query may touch. */
  samplesMax: number;
};

export const DEFAULT_SETTINGS: EvalSettings = {
  lookbackMs: 300_000,
  windows: 'leftOpen',
  defaultStepMs: 60_000,
  samplesMax: 50_000_000,
};

export type EvalContext = {
  source: SeriesSource;
  /** The instant of evaluation, in milliseconds since 1970. */
  timeMs: number;
  settings: EvalSettings;
  /** Shared by all steps of one query. */
  query: { samples: number; selections: Map<VectorSelector, Series[]> };
};

export function createContext(source: SeriesSource, timeMs: number, settings = DEFAULT_SETTINGS): EvalContext {
  return { source, timeMs, settings, query: { samples: 0, selections: new Map() } };
}

/** Which series a selector means does not change within a query, so that it is looked up once. */
export function seriesOf({ source, query }: EvalContext, selector: VectorSelector): readonly Series[] {
  let found = query.selections.get(selector);
  if (found === undefined) {
    found = source.select(selector.matchers);
    query.selections.set(selector, found);
  }
  return found;
}

/** @throws PromqlError when the query has touched more samples than it may */
export function spend(query: EvalContext['query'], samples: number, samplesMax: number): void {
  query.samples += samples;
  if (query.samples > samplesMax)
    throw executionError('query processing would load too many samples into memory in query execution');
}
