/** The totals over all workers, dead ones included, and their text (Prometheus exposition format 0.0.4). */

import {
  BUCKET_BOUNDS,
  DURATION_AT,
  REQUEST_BYTES_AT,
  RESPONSE_BYTES_AT,
  SERIES_WIDTH,
} from '../telemetry/request-series.ts';
import type { WorkerReport } from '../worker-messages.ts';

const HISTOGRAMS: readonly [string, number][] = [
  ['istio_request_duration_milliseconds', DURATION_AT],
  ['istio_request_bytes', REQUEST_BYTES_AT],
  ['istio_response_bytes', RESPONSE_BYTES_AT],
];

export class MetricsRegistry {
  readonly #series = new Map<string, Float64Array>();
  readonly #counters = new Map<string, number>();

  add({ series, counters }: Pick<WorkerReport, 'series' | 'counters'>): void {
    for (const { labels, numbers } of series) {
      const total = this.#series.get(labels) ?? new Float64Array(SERIES_WIDTH);
      for (let index = 0; index < SERIES_WIDTH; index++) total[index] = (total[index] ?? 0) + (numbers[index] ?? 0);
      this.#series.set(labels, total);
    }
    for (const [name, amount] of Object.entries(counters)) this.count(name, amount);
  }

  count(series: string, amount = 1): void {
    this.#counters.set(series, (this.#counters.get(series) ?? 0) + amount);
  }

  /** @param gauges values of this moment, by name */
  text(gauges: Readonly<Record<string, number>>): string {
    const lines: string[] = ['# TYPE istio_requests_total counter'];
    for (const [labels, numbers] of this.#series) lines.push(`istio_requests_total{${labels}} ${numbers[0]}`);
    for (const [name, at] of HISTOGRAMS) {
      lines.push(`# TYPE ${name} histogram`);
      for (const [labels, numbers] of this.#series) lines.push(...histogramLines(name, labels, numbers, at));
    }
    const families = new Set<string>();
    for (const [series, total] of this.#counters) {
      const family = series.slice(0, series.indexOf('{'));
      if (!families.has(family)) lines.push(`# TYPE ${family} counter`);
      families.add(family);
      lines.push(`${series.replace('{}', '')} ${total}`);
    }
    for (const [name, value] of Object.entries(gauges)) lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
    return `${lines.join('\n')}\n`;
  }
}

function histogramLines(name: string, labels: string, numbers: Float64Array, at: number): string[] {
  const lines: string[] = [];
  let seen = 0;
  for (const [bucket, bound] of [...BUCKET_BOUNDS, '+Inf'].entries()) {
    seen += numbers[at + 1 + bucket] ?? 0;
    lines.push(`${name}_bucket{${labels},le="${bound}"} ${seen}`);
  }
  lines.push(`${name}_sum{${labels}} ${numbers[at]}`, `${name}_count{${labels}} ${seen}`);
  return lines;
}
