/** All series in memory: found by label set when written, by matchers when read. Bounded in series and in age. */

import { keyOf, type Labels, METRIC_NAME } from './labels.ts';
import type { Matcher } from './promql/ast.ts';
import { type SampleBudget, SampleRing } from './sample-ring.ts';

export type Series = { labels: Labels; samples: SampleRing };

export type SeriesStoreLimits = {
  seriesMax: number;
  /** Samples that one series may hold. */
  samplesPerSeriesMax: number;
  /** Samples that all series together may hold, 16 bytes each. */
  samplesMax: number;
};

export class SeriesStore {
  readonly #limits: SeriesStoreLimits;
  readonly #budget: SampleBudget;
  readonly #byKey = new Map<string, Series>();
  readonly #byName = new Map<string, Set<Series>>();

  constructor(limits: SeriesStoreLimits) {
    this.#limits = limits;
    this.#budget = { samplesLeft: limits.samplesMax };
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The series of a label set, created when new; `undefined` when the store is full. */
  seriesOf(labels: Labels): Series | undefined {
    const key = keyOf(labels);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= this.#limits.seriesMax) return undefined;
    const series: Series = { labels, samples: new SampleRing(this.#limits.samplesPerSeriesMax, this.#budget) };
    this.#byKey.set(key, series);
    this.#indexByName(series);
    return series;
  }

  select(matchers: readonly Matcher[]): Series[] {
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=');
    const candidates = name === undefined ? this.#byKey.values() : (this.#byName.get(name.value) ?? []);
    return [...candidates].filter(({ labels }) =>
      matchers.every(({ name: label, matches }) => matches(labels.get(label) ?? '')),
    );
  }

  /** Drops samples up to `timeMs`, and series that have none left. */
  dropUntil(timeMs: number): void {
    for (const [key, series] of this.#byKey) {
      series.samples.dropUntil(timeMs);
      if (series.samples.length > 0) continue;
      this.#byKey.delete(key);
      series.samples.release();
      const name = series.labels.get(METRIC_NAME) ?? '';
      const sameName = this.#byName.get(name);
      sameName?.delete(series);
      if (sameName?.size === 0) this.#byName.delete(name);
    }
  }

  #indexByName(series: Series): void {
    const name = series.labels.get(METRIC_NAME) ?? '';
    const sameName = this.#byName.get(name);
    if (sameName === undefined) this.#byName.set(name, new Set([series]));
    else sameName.add(series);
  }
}
