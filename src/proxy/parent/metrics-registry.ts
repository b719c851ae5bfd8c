/** The totals over all workers, dead ones included. */

import { BUCKET_BOUNDS } from '../telemetry/histogram.ts';
import {
  DURATION_AT,
  REQUEST_BYTES_AT,
  RESPONSE_BYTES_AT,
  SERIES_WIDTH,
  type SeriesDelta,
} from '../telemetry/series-store.ts';
import type { WorkerReport } from '../worker-messages.ts';
import type { MetricFamily, MetricSample } from './exposition.ts';

/** Beyond, the series that rested longest is forgotten: labels of releases of long ago must not fill the memory. */
const SERIES_MOST = 20_000;

const HISTOGRAMS: readonly [string, number][] = [
  ['istio_request_duration_milliseconds', DURATION_AT],
  ['istio_request_bytes', REQUEST_BYTES_AT],
  ['istio_response_bytes', RESPONSE_BYTES_AT],
];

export class MetricsRegistry {
  readonly #seriesMost: number;
  /** The ones added to last stand last. */
  readonly #series = new Map<string, Float64Array>();
  readonly #counters = new Map<string, number>();

  constructor({ seriesMost = SERIES_MOST } = {}) {
    this.#seriesMost = seriesMost;
  }

  add({ series, counters }: Pick<WorkerReport, 'series' | 'counters'>): void {
    for (const delta of series) this.#addSeries(delta);
    for (const [name, amount] of Object.entries(counters)) this.count(name, amount);
  }

  /** @param series `name{label="value"}`, the braces perhaps empty or absent */
  count(series: string, amount = 1): void {
    this.#counters.set(series, (this.#counters.get(series) ?? 0) + amount);
  }

  /** Everything counted so far. */
  families(): MetricFamily[] {
    const requests = [...this.#series].map(([labels, numbers]) => ({ labels, value: numbers[0] ?? 0 }));
    return [
      { name: 'istio_requests_total', type: 'counter', samples: requests },
      ...HISTOGRAMS.map(([name, at]): MetricFamily => {
        const samples = [...this.#series].flatMap(([labels, numbers]) => histogramSamples(labels, numbers, at));
        return { name, type: 'histogram', samples };
      }),
      ...this.#counterFamilies(),
    ];
  }

  #addSeries({ labels, numbers }: SeriesDelta): void {
    const total = this.#series.get(labels) ?? new Float64Array(SERIES_WIDTH);
    for (let index = 0; index < SERIES_WIDTH; index++) total[index] = (total[index] ?? 0) + (numbers[index] ?? 0);
    this.#series.delete(labels);
    this.#series.set(labels, total);
    if (this.#series.size <= this.#seriesMost) return;
    const [oldest] = this.#series.keys();
    this.#series.delete(oldest ?? '');
    this.count('sluice_proxy_series_forgotten_total');
  }

  #counterFamilies(): MetricFamily[] {
    const families = new Map<string, MetricSample[]>();
    for (const [series, value] of this.#counters) {
      const braceAt = series.indexOf('{');
      const name = braceAt === -1 ? series : series.slice(0, braceAt);
      const samples = families.get(name) ?? [];
      families.set(name, samples);
      samples.push({ labels: braceAt === -1 ? '' : series.slice(braceAt + 1, -1), value });
    }
    return [...families].map(([name, samples]) => ({ name, type: 'counter', samples }));
  }
}

function histogramSamples(labels: string, numbers: Float64Array, at: number): MetricSample[] {
  const samples: MetricSample[] = [];
  let seen = 0;
  for (const [bucket, bound] of [...BUCKET_BOUNDS, '+Inf'].entries()) {
    seen += numbers[at + 1 + bucket] ?? 0;
    samples.push({ suffix: '_bucket', labels: `${labels},le="${bound}"`, value: seen });
  }
  samples.push({ suffix: '_sum', labels, value: numbers[at] ?? 0 }, { suffix: '_count', labels, value: seen });
  return samples;
}
