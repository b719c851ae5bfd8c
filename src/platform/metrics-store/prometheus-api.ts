/** Prometheus' HTTP API (`/api/v1`, Prometheus documentation, "HTTP API") as a function from path and parameters to data. */

import type { EpochMs } from '../../lib/clock.ts';
import { asBadParam, invalid, limitParam, matchParams, stepParam, timeParam } from './api-params.ts';
import type { MetricMetadata } from './exposition-parser.ts';
import { type Labels, METRIC_NAME } from './labels.ts';
import type { EvalSettings } from './promql/eval-context.ts';
import { formatFloat } from './promql/format-float.ts';
import type { Value } from './promql/value.ts';
import { instantQuery, rangeQuery } from './query-engine.ts';
import type { Series, SeriesStore } from './series-store.ts';

export type ApiWorld = {
  store: SeriesStore;
  metadata: ReadonlyMap<string, MetricMetadata>;
  settings: EvalSettings;
  now: () => EpochMs;
};

/**
 * @returns `undefined` for a path that the API does not have
 * @throws PromqlError
 */
export function answerApi(path: string, params: URLSearchParams, world: ApiWorld): unknown {
  const labelName = /^label\/([^/]+)\/values$/.exec(path)?.[1];
  if (labelName !== undefined) return labelValues(labelName, params, world);
  switch (path) {
    case 'query':
      return answerInstant(params, world);
    case 'query_range':
      return answerRange(params, world);
    case 'series':
      return answerSeries(params, world);
    case 'labels':
      return sortedUnique(
        selectedSeries(params, world).flatMap(({ labels }) => [...labels.keys()]),
        params,
      );
    case 'metadata':
      return answerMetadata(params, world);
    case 'status/buildinfo':
      return BUILD_INFO;
    default:
      return undefined;
  }
}

/** Clients choose features by this version; the window semantics are those of Prometheus 3. */
const BUILD_INFO = { version: '3.0.0', revision: 'sluice', branch: '', buildUser: '', buildDate: '', goVersion: '' };

function answerInstant(params: URLSearchParams, { store, settings, now }: ApiWorld): unknown {
  const timeMs = timeParam(params, 'time', now());
  const query = params.get('query') ?? '';
  return instantJson(
    asBadParam('query', () => instantQuery(store, query, timeMs, settings)),
    timeMs,
  );
}

function instantJson(value: Value, timeMs: EpochMs): unknown {
  const at = timeMs / 1_000;
  switch (value.kind) {
    case 'scalar':
      return { resultType: 'scalar', result: [at, formatFloat(value.value)] };
    case 'string':
      return { resultType: 'string', result: [at, value.value] };
    case 'vector': {
      const result = value.elements.map((one) => ({
        metric: metricJson(one.labels),
        value: [at, formatFloat(one.value)],
      }));
      return { resultType: 'vector', result };
    }
    case 'matrix':
      return { resultType: 'matrix', result: value.matrix.series.map(seriesJson) };
    default:
      return value satisfies never;
  }
}

function answerRange(params: URLSearchParams, { store, settings }: ApiWorld): unknown {
  const range = { startMs: timeParam(params, 'start'), endMs: timeParam(params, 'end'), stepMs: stepParam(params) };
  if (range.endMs < range.startMs) throw invalid('end', 'end timestamp must not be before start time');
  const query = params.get('query') ?? '';
  const result = asBadParam('query', () => rangeQuery(store, query, range, settings)).map(seriesJson);
  return { resultType: 'matrix', result };
}

function seriesJson({
  labels,
  times,
  values,
}: {
  labels: Labels;
  times: readonly number[];
  values: readonly number[];
}) {
  return {
    metric: metricJson(labels),
    values: times.map((timeMs, index) => [timeMs / 1_000, formatFloat(values[index] ?? Number.NaN)]),
  };
}

function metricJson(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels);
}

function answerSeries(params: URLSearchParams, world: ApiWorld): unknown {
  if (!params.has('match[]')) throw invalid('match[]', 'no match[] parameter provided');
  return selectedSeries(params, world)
    .slice(0, limitParam(params))
    .map(({ labels }) => metricJson(labels));
}

function labelValues(name: string, params: URLSearchParams, world: ApiWorld): string[] {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw invalid('name', `invalid label name: ${JSON.stringify(name)}`);
  const values = selectedSeries(params, world).map(({ labels }) => labels.get(name) ?? '');
  return sortedUnique(
    values.filter((value) => value !== ''),
    params,
  );
}

/** Series that match any selector (all without one) and have samples between start and end. */
function selectedSeries(params: URLSearchParams, { store }: ApiWorld): Series[] {
  const startMs = timeParam(params, 'start', Number.MIN_SAFE_INTEGER / 2);
  const endMs = timeParam(params, 'end', Number.MAX_SAFE_INTEGER / 2);
  const selectors = matchParams(params);
  const found = selectors.length === 0 ? store.select([]) : selectors.flatMap((matchers) => store.select(matchers));
  return [...new Set(found)].filter(({ samples }) => samples.firstAfter(startMs - 1) < samples.firstAfter(endMs));
}

function sortedUnique(texts: readonly string[], params: URLSearchParams): string[] {
  return [...new Set(texts)].sort().slice(0, limitParam(params));
}

function answerMetadata(params: URLSearchParams, { metadata, store }: ApiWorld): unknown {
  const only = params.get('metric');
  const names = new Set(store.select([]).map(({ labels }) => labels.get(METRIC_NAME) ?? ''));
  const known = [...metadata]
    .filter(([name]) => (only === null ? isExposed(name, names) : name === only))
    .slice(0, limitParam(params));
  return Object.fromEntries(known.map(([name, { type, help }]) => [name, [{ type, help, unit: '' }]]));
}

/** A histogram is described by its base name, its series carry suffixes. */
function isExposed(name: string, series: ReadonlySet<string>): boolean {
  return ['', '_bucket', '_count', '_sum'].some((suffix) => series.has(name + suffix));
}
