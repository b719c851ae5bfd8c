/** The dataset in an embedded store, and its answers in Prometheus' JSON. */

import { labelsOf } from '../../src/platform/metrics-store/labels.ts';
import { answerApi } from '../../src/platform/metrics-store/prometheus-api.ts';
import { DEFAULT_SETTINGS, type EvalSettings } from '../../src/platform/metrics-store/promql/eval-context.ts';
import { SeriesStore } from '../../src/platform/metrics-store/series-store.ts';
import type { DataSeries } from './dataset.ts';

export function storeOf(dataset: readonly DataSeries[]): SeriesStore {
  const store = new SeriesStore({ seriesMax: 10_000, samplesMax: 1_000_000, samplesPerSeriesMax: 10_000 });
  for (const { labels, points } of dataset) {
    const series = store.seriesOf(labelsOf(Object.entries(labels)));
    for (const { timeMs, value } of points) series?.samples.append(timeMs, value);
  }
  return store;
}

/** The `data` of an instant query as a client reads it. */
export function embeddedAnswer(
  store: SeriesStore,
  query: string,
  timeMs: number,
  windows: EvalSettings['windows'] = 'leftOpen',
): unknown {
  const world = { store, metadata: new Map(), settings: { ...DEFAULT_SETTINGS, windows }, now: () => timeMs };
  const params = new URLSearchParams({ query, time: String(timeMs / 1_000) });
  return JSON.parse(JSON.stringify(answerApi('query', params, world)));
}
